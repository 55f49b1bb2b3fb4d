"""Entrances for workers. A wake-up that is lost does no harm: `sweep` finds the work in the database each minute."""

import structlog
from celery import shared_task
from django.utils import timezone

from notifications.digests import deliver, editions, runs
from notifications.digests.models import Run

log = structlog.get_logger(__name__)


@shared_task
def sweep() -> None:
    """Take up what dead workers left, plan who is due, hand over what waits, end runs that are through."""
    deliver.recover()
    for run in runs.take_up(at=timezone.now()):
        plan.delay(run.pk)
    if deliver.due().exists():
        hand_over.delay()
    runs.finish_ended()


@shared_task
def plan(run_id: int) -> None:
    """Plan a run (or what is left of it), then hand its digests over. A worker is woken with each chunk."""
    run = Run.objects.filter(pk=run_id).first()
    if run is None:
        log.info("run_gone", run=run_id)
        return
    runs.plan_all(run, after_chunk=None if run.is_dry_run else hand_over.delay)
    runs.finish_ended()


@shared_task
def hand_over() -> None:
    """Hand over what waits. Any number of these run side by side."""
    deliver.hand_over_all()
    runs.finish_ended()


@shared_task
def refresh_editions() -> None:
    """Bring this week's editions up to date."""
    editions.refresh(at=timezone.now())
