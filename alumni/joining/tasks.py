"""Entrances for workers: ids in, load, call."""

import structlog
from celery import shared_task
from django.utils import timezone

from alumni.joining import imports, retention
from alumni.joining.models import Import, ImportState

log = structlog.get_logger(__name__)


@shared_task
def work_on(import_id: int) -> None:
    """Read an uploaded file, or apply a staged import that was started: whichever it waits for."""
    batch = Import.objects.filter(pk=import_id).first()
    if batch is None:
        log.info("import_gone", import_id=import_id)
    elif batch.state == ImportState.STAGING:
        imports.read_upload(batch=batch)
    elif batch.state == ImportState.APPLYING:
        imports.apply(batch=batch)


@shared_task
def sweep() -> None:
    """Go on with imports that no worker was woken for, or that a dead one left."""
    for import_id in Import.objects.unfinished(at=timezone.now()).values_list("pk", flat=True):
        work_on(import_id)


@shared_task
def purge() -> None:
    """The night's forgetting."""
    log.info("joining_purged", **retention.purge(at=timezone.now()))
