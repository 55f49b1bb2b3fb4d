"""Entrances for workers."""

import structlog
from celery import shared_task
from django.utils import timezone

from notifications.posts import review

log = structlog.get_logger(__name__)


@shared_task
def close_due() -> None:
    """Close the posts whose last day has passed."""
    if closed := review.close_due(today=timezone.localdate()):
        log.info("posts_closed", n=closed)
