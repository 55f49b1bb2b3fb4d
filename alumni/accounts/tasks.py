"""Entrances of the worker."""

from celery import shared_task
from django.utils import timezone

from alumni.accounts import housekeeping


@shared_task
def purge() -> None:
    """Nightly; a lost run is made up by the next."""
    housekeeping.purge(at=timezone.now())
