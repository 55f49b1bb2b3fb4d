"""Imports of leavers and freelancers: stage (read and say what would happen), then apply.

Nothing in a file becomes a consent: a `ja` is a remark that lets HR invite, a `nee` is a refusal.
"""

from contextlib import closing
from typing import Any, BinaryIO

from django.core.files import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation
from alumni.joining import applying, columns, reading, staging
from alumni.joining.lease import Lease
from alumni.joining.models import Import, ImportState, RowAction
from alumni.joining.people import Origin
from alumni.joining.staging import Progress
from alumni.members.models import Language
from backend.http.errors import Conflict, InvalidInput, KringError

# Who gives no source speaks of the company's own personnel records.
DEFAULT_SOURCE = "hr"
KINDS = ("auto", "alumnus", "freelancer")
# Larger files are read and applied by a worker, smaller ones at once.
AT_ONCE_BYTES = 256 * 1024
AT_ONCE_ROWS = 2000

Look = tuple[reading.Shape, columns.Layout]


def _quiet(_rows: int) -> None:
    """For callers who show no progress."""


def _origin(batch: Import) -> Origin:
    organisation = the_organisation()
    language = next((code for code in organisation.languages if code in Language.values), Language.NL)
    return Origin(
        source=batch.source,
        filename=batch.filename,
        day=timezone.localdate(batch.created_at),
        country=organisation.country,
        language=language,
    )


def _look(stream: BinaryIO, options: dict[str, Any]) -> Look:
    """What the file is and how its columns are read. Raises InvalidInput."""
    if options["kind"] not in KINDS:
        raise InvalidInput(_("kind is one of: %s.") % ", ".join(KINDS), code="unknown_kind", field="kind")
    shape = reading.inspect(stream, encoding=options["encoding"], delimiter=options["delimiter"])
    with closing(reading.rows(stream, shape)) as source:
        headers, _rest = reading.split_header(source)
    return shape, columns.layout(headers, mapping=options["mapping"], kind=options["kind"])


def _fields(*, source: str, filename: str, by: User | None, options: dict[str, Any], look: Look) -> dict[str, Any]:
    shape, layout = look
    return {
        "source": " ".join(source.split())[:100] or DEFAULT_SOURCE,
        "filename": filename.replace("\\", "/").rpartition("/")[2][:255] or "-",
        "file_sha256": shape.sha256,
        "created_by": by,
        "options": options | {"language": translation.get_language() or "nl"},
        "mapping": layout.mapping,
        "remarks": layout.remarks,
    }


def stage(
    *,
    source: str,
    filename: str,
    stream: BinaryIO,
    by: User | None,
    mapping: dict[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    kind: str = "auto",
    progress: Progress = _quiet,
) -> Import:
    """Read a file and store what each row would do; changes nobody. `stream` is seekable, in bytes.

    `mapping` is {header: our field or "ignore"}; `progress` hears how many rows each chunk had. Raises InvalidInput,
    and leaves nothing behind, when the file can not be read; a bad row is no reason for that.
    """
    options = {"mapping": mapping or {}, "encoding": encoding, "delimiter": delimiter, "kind": kind}
    look = _look(stream, options)
    fields = _fields(source=source, filename=filename, by=by, options=options, look=look)
    lease = Lease.on_new(**fields)
    try:
        _read(lease, stream, look, progress)
    except KringError:
        forget(batch=lease.batch)
        raise
    return lease.batch


def _read(lease: Lease, stream: BinaryIO, look: Look, progress: Progress) -> None:
    shape, layout = look
    origin = _origin(lease.batch)
    staging.read(stream=stream, shape=shape, layout=layout, lease=lease, origin=origin, progress=progress)
    lease.release(state=ImportState.STAGED, total=lease.batch.done)


def receive(*, source: str, filename: str, upload: File, by: User | None, options: dict[str, Any]) -> Import:
    """Take an uploaded file: look whether it can be read, then stage it at once, or leave a large one to a worker.

    `options` are {mapping, encoding, delimiter, kind}. Raises InvalidInput. Whether a worker is woken does not matter
    in the end: the sweep finds the file.
    """
    stream: Any = upload.file
    if upload.size is not None and upload.size <= AT_ONCE_BYTES:
        return stage(source=source, filename=filename, stream=stream, by=by, **options)
    look = _look(stream, options)
    fields = _fields(source=source, filename=filename, by=by, options=options, look=look)
    with transaction.atomic():  # the sweep must not meet it without its file
        batch = Import.objects.create(**fields)
        stream.seek(0)
        batch.upload.save(str(batch.uid), upload)
    return batch


def read_upload(*, batch: Import) -> None:
    """Stage a file that was uploaded, from the start; for a worker. What fails is told by the import itself."""
    lease = Lease.acquire(batch, ImportState.STAGING)
    if lease is None:
        return
    with translation.override(batch.options.get("language", "nl")):
        try:
            if not batch.upload:
                raise reading.refused("interrupted", _("Reading was interrupted. Import the file again."))
            batch.rows.all().delete()
            batch.counts, batch.done = {}, 0
            with batch.upload.open("rb") as file:
                _read(lease, file.file, _look(file.file, batch.options), _quiet)
        except (KringError, FileNotFoundError) as error:
            message = error.message if isinstance(error, KringError) else _("The file is gone. Import it again.")
            batch.rows.all().delete()
            lease.release(state=ImportState.FAILED, problem=message[:500], counts={}, done=0)
    _drop_upload(batch)


def _drop_upload(batch: Import) -> None:
    """The file itself is kept no longer than it takes to read it."""
    if batch.upload:
        batch.upload.delete(save=False)
        Import.objects.filter(pk=batch.pk).update(upload="")


@transaction.atomic
def start(*, batch: Import) -> Import:
    """Decide that a staged import is to be applied. Once it is, asking again changes nothing.

    Raises Conflict while it is being read, or when it could not be.
    """
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    if batch.state in {ImportState.APPLYING, ImportState.APPLIED}:
        return batch
    if batch.state != ImportState.STAGED:
        raise Conflict(_("This import is not ready to be applied. Look at its state."), code="not_staged")
    kept = {
        action: batch.counts[action] for action in (RowAction.ERROR, RowAction.SUPPRESSED) if action in batch.counts
    }
    batch.counts, batch.done, batch.state = kept, sum(kept.values()), ImportState.APPLYING
    batch.save(update_fields=["counts", "done", "state"])
    return batch


def start_applying(*, batch: Import) -> Import:
    """Start, and apply at once what is small; a large one stays APPLYING for a worker. Raises Conflict."""
    batch = start(batch=batch)
    is_small = batch.state == ImportState.APPLYING and batch.total <= AT_ONCE_ROWS
    return apply(batch=batch) if is_small else batch


def apply(*, batch: Import, progress: Progress = _quiet) -> Import:
    """Write what a staged import adds, or go on where another process died. Applied twice changes nothing.

    Raises Conflict when it is not staged. While another process applies it, returns at once.
    """
    batch = start(batch=batch)
    lease = Lease.acquire(batch, ImportState.APPLYING)
    if lease is not None:
        with translation.override(batch.options.get("language", "nl")):
            applying.run(lease=lease, origin=_origin(batch), progress=progress)
        lease.release(state=ImportState.APPLIED, applied_at=timezone.now())
    return batch


def forget(*, batch: Import) -> None:
    """Remove an import with its rows and its file; members stay as they are."""
    _drop_upload(batch)
    batch.rows.all().delete()
    batch.delete()
