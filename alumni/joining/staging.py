"""The first half of an import: read the file, say of each row what it would do. Changes nobody."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from alumni.consent.suppression import suppressed_keys
from alumni.joining import reading, rows
from alumni.joining.columns import Layout
from alumni.joining.lease import Lease
from alumni.joining.models import Import, ImportRow, RowAction
from alumni.joining.people import Origin, People
from backend.http.errors import Conflict

CHUNK = 1000
Progress = Callable[[int], None]


def read(
    *, stream: BinaryIO, shape: reading.Shape, layout: Layout, lease: Lease, origin: Origin, progress: Progress
) -> None:
    """Store each row of the file that is not suppressed, a chunk a transaction; `progress` hears of each chunk's rows.

    Raises InvalidInput for a file that can not be read to its end, LeaseLost when another process took over.
    """
    with closing(reading.rows(stream, shape)) as source:
        _headers, below = reading.split_header(source)
        parsed = (rows.parse(number, cells, layout) for number, cells in below)
        while chunk := list(itertools.islice(parsed, CHUNK)):
            if lease.batch.done + len(chunk) > settings.IMPORT_MAX_ROWS:
                message = _("This file has more than %d rows. Split it into parts.") % settings.IMPORT_MAX_ROWS
                raise reading.refused("too_many_rows", message)
            _store(chunk, lease, origin)
            progress(len(chunk))


@transaction.atomic
def _store(chunk: Sequence[rows.Row], lease: Lease, origin: Origin) -> None:
    suppressed = suppressed_keys(row.email_key for row in chunk if row.email_key)
    kept = [row for row in chunk if row.email_key not in suppressed]
    good = [row for row in kept if not row.errors]
    people = People((row.parsed for row in good), origin)
    for earlier in _earlier(lease.batch, good):
        people.absorb(earlier.line, earlier.parsed)
    stored = [_judged(lease.batch, row, people) for row in kept]
    ImportRow.objects.bulk_create(stored)
    counts = Counter(str(row.action) for row in stored)
    counts[RowAction.SUPPRESSED.value] = len(chunk) - len(kept)
    lease.renew(counts=counts, done=len(chunk))


def _earlier(batch: Import, good: Sequence[rows.Row]) -> Iterator[ImportRow]:
    """Rows of earlier chunks on the same people, so that a second employment is known as such."""
    found = batch.rows.filter(email_key__in={row.email_key for row in good}).exclude(action=RowAction.ERROR)
    return found.order_by("line").iterator()


def _judged(batch: Import, row: rows.Row, people: People) -> ImportRow:
    stored = ImportRow(batch=batch, line=row.line, email_key=row.email_key, parsed=row.parsed, errors=row.errors)
    if row.errors:
        stored.action = RowAction.ERROR
        return stored
    try:
        stored.action = people.absorb(row.line, row.parsed)
    except Conflict as error:
        reject(stored, error)
    return stored


def reject(stored: ImportRow, error: Conflict) -> ImportRow:
    """Make a row one that will not land; of what it said only the names stay, by which erasure finds it."""
    column = next((header for header, name in stored.batch.mapping.items() if name == "email"), "")
    stored.action = RowAction.ERROR
    stored.errors = [{"column": column, "code": error.code, "message": error.message}]
    stored.parsed = {"member": {name: stored.parsed["member"][name] for name in ("given_name", "family_name")}}
    return stored
