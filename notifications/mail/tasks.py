"""Wakes the outbox. A wake-up that is lost does no harm: `sweep` runs each minute."""

from celery import shared_task

from notifications.mail import outbox


@shared_task
def deliver() -> None:
    """Hand over the service mail that is due."""
    outbox.deliver()


@shared_task
def sweep() -> None:
    """Take up what dead workers left, then hand over what is due."""
    outbox.recover()
    outbox.deliver()
