"""Whether this process lives, and whether it can serve. Neither page tells more than that."""

from collections.abc import Callable

import structlog
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.celery import app

log = structlog.get_logger(__name__)


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)


class _Migrations:
    """The code of a process never changes: once everything is applied, there is no need to read the disk again."""

    applied = False

    def __call__(self) -> None:
        if self.applied:
            return
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise RuntimeError("migrations are pending")
        self.applied = True


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "migrations": _Migrations()}


@require_safe
@never_cache
def livez(_request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers: asks nothing of anybody."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when the database, the broker and the tables are there, else 503 with which of them is not."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        try:
            check()
            found[name] = "ok"
        except Exception as error:  # whatever it is, the answer is "not ready"
            log.warning("not_ready", check=name, error=type(error).__name__)
            found[name] = "failed"
    ready = all(value == "ok" for value in found.values())
    return JsonResponse({"status": "ok" if ready else "failed", "checks": found}, status=200 if ready else 503)
