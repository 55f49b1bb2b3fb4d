"""Waking workers."""

import time
from pathlib import Path

from celery import Celery

from backend.celery import WakingTask
from backend.celery import app as kring


def test_a_broker_that_is_away_is_not_waited_for(tmp_path: Path) -> None:
    app = Celery("away", task_cls=WakingTask, broker=f"redis+socket://{tmp_path}/nobody.sock", set_as_current=False)
    app.conf.update(broker_transport_options=kring.conf.broker_transport_options, task_publish_retry=False)

    @app.task
    def wake() -> None:
        """Never runs."""

    began = time.monotonic()
    assert wake.delay() is None
    assert time.monotonic() - began < 3
