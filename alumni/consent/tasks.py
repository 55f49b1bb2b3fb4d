"""Entrances of the worker."""

from celery import shared_task
from django.utils import timezone

from alumni.consent import expiry


@shared_task
def expire() -> None:
    """Consents past their term become `expired`. Nightly; a lost run is made up by the next."""
    expiry.expire(at=timezone.now())
