"""Entrances of the worker."""

import structlog
from celery import shared_task
from django.utils import timezone

from alumni.consent import expiry, ledger

log = structlog.get_logger(__name__)


@shared_task
def expire() -> None:
    """Consents past their term become `expired`. Nightly; a lost run is made up by the next.

    The ledger's head goes into the log, which is kept elsewhere: a tail that is cut off later shows.
    """
    expired = expiry.expire(at=timezone.now())
    head = ledger.head()
    log.info("ledger_head", seq=head.seq, hash=head.hash, expired=expired)
