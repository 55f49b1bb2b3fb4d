"""The Celery app. The database is the truth: the broker only wakes workers, and may be emptied at any time."""

import os
from typing import Any

import structlog
from celery import Celery, Task
from django.conf import settings
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
log = structlog.get_logger(__name__)


class WakingTask(Task):
    """A task whose loss does no harm: beat's next sweep finds the work in the database.

    So a broker that is away never fails the request that wanted to wake a worker.
    """

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, ConnectionError) as error:
            log.warning("broker_away", task=self.name, error=type(error).__name__)
            return None

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Wake a worker once the transaction that wrote the work has been committed."""
        from django.db import transaction

        transaction.on_commit(lambda: self.delay(*args, **kwargs))


app = Celery("kring", task_cls=WakingTask)
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        # Waking fails at once when the broker is away: the request that wanted to wake a worker must not wait for it.
        "max_retries": 0,
    },
    task_publish_retry=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    timezone="UTC",
    enable_utc=True,
)


def _task_modules() -> list[str]:
    import alumni
    import notifications

    return [f"{app_.__name__}.{room}" for app_ in (alumni, notifications) for room in app_.ROOMS]


# Celery finds no tasks in sub-packages by itself.
app.autodiscover_tasks(_task_modules, related_name="tasks")

from backend.schedule import SCHEDULE  # noqa: E402

app.conf.beat_schedule = SCHEDULE
