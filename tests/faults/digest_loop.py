"""What a worker and beat do together for digests, as functions for `worker_main.py` to run in a process of its own."""

import sys


def until_nothing_is_left() -> None:
    """Sweep, plan, hand over, until there is no more to do."""
    from django.utils import timezone

    from notifications.digests import deliver, runs

    while True:
        deliver.recover()
        planned = [run for run in runs.take_up(at=timezone.now()) if runs.plan_all(run)]
        handed = deliver.hand_over_all()
        runs.finish_ended()
        if not (planned or handed):
            return


def celery_worker() -> None:
    """A real Celery worker, in this process, so that what dies is the worker."""
    from backend.celery import app

    sys.argv = ["celery"]
    app.worker_main(
        ["worker", "--pool=solo", "--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    )
