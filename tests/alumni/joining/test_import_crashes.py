"""A process dies in the middle of an import: the next one goes on, nothing twice, nothing lost."""

import datetime as dt
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from alumni.accounts.models import Organisation
from alumni.joining import applying, imports, staging, tasks
from alumni.joining.lease import Lease, LeaseLost
from alumni.joining.models import Import, ImportState
from alumni.members.models import Member
from tests.alumni.joining.files import csv_file

pytestmark = pytest.mark.django_db
PEOPLE = [f"{n};Piet;;Jansen{n};piet{n}@thuis.example;Rol;01-01-2010;;ja;nl" for n in range(7)]


class KilledError(BaseException):
    """What a process that is killed looks like from inside: nothing catches it."""


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK", 3)
    monkeypatch.setattr(applying, "CHUNK", 3)


def killed_after(chunks: int) -> Callable[[int], None]:
    left = iter(range(chunks))

    def progress(_rows: int) -> None:
        if next(left, None) is None:
            raise KilledError

    return progress


def later() -> Any:
    return time_machine.travel(timezone.now() + dt.timedelta(minutes=3), tick=True)


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_applying_goes_on_after_a_kill(stage: Any, small_chunks: None, chunks: int) -> None:
    batch = stage(csv_file(*PEOPLE))
    with pytest.raises(KilledError):
        imports.apply(batch=batch, progress=killed_after(chunks))
    written = Member.objects.count()
    assert written == min(7, 3 * (chunks + 1))

    tasks.sweep()  # at once: the dead process still has its lease
    assert Member.objects.count() == written
    with later():
        tasks.sweep()

    batch.refresh_from_db()
    assert (batch.state, batch.done, batch.counts) == ("applied", 7, {"create": 7})
    assert Member.objects.count() == 7


def test_a_chunk_that_was_not_committed_is_written_again(stage: Any, small_chunks: None, monkeypatch: Any) -> None:
    batch = stage(csv_file(*PEOPLE))
    renew = Lease.renew

    def dies_before_commit(self: Lease, **kwargs: Any) -> None:
        renew(self, **kwargs)
        raise KilledError

    monkeypatch.setattr(Lease, "renew", dies_before_commit)
    with pytest.raises(KilledError):
        imports.apply(batch=batch)
    monkeypatch.setattr(Lease, "renew", renew)
    assert not Member.objects.exists()

    with later():
        tasks.sweep()
    batch.refresh_from_db()
    assert (batch.counts, Member.objects.count()) == ({"create": 7}, 7)


def test_reading_an_upload_starts_again_after_a_kill(
    organisation: Organisation, small_chunks: None, monkeypatch: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imports, "AT_ONCE_BYTES", 10)
    upload = ContentFile(csv_file(*PEOPLE).getvalue(), name="leavers.csv")
    options = {"mapping": {}, "encoding": None, "delimiter": None, "kind": "auto"}
    batch = imports.receive(source="hr", filename="leavers.csv", upload=upload, by=None, options=options)

    monkeypatch.setattr(imports, "_quiet", killed_after(1))
    with pytest.raises(KilledError):
        tasks.work_on(batch.pk)
    monkeypatch.undo()
    settings.MEDIA_ROOT = tmp_path
    assert batch.rows.count() == 6

    with later():
        tasks.sweep()
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.counts) == ("staged", 7, {"create": 7})
    assert batch.rows.count() == 7


def test_reading_that_was_killed_without_a_file_to_read_again_says_so(stage: Any, small_chunks: None) -> None:
    with pytest.raises(KilledError):
        stage(csv_file(*PEOPLE), progress=killed_after(1))
    with later():
        tasks.sweep()

    batch = Import.objects.get()
    assert batch.state == "failed"
    assert batch.problem
    assert not batch.rows.exists()


def test_one_process_works_on_an_import_at_a_time(stage: Any) -> None:
    batch = imports.start(batch=stage(csv_file(*PEOPLE)))
    held = Lease.acquire(batch, ImportState.APPLYING)
    assert held is not None
    assert Lease.acquire(batch, ImportState.APPLYING) is None

    imports.apply(batch=batch)  # somebody else's: returns at once
    assert not Member.objects.exists()


def test_who_lost_the_lease_commits_nothing(stage: Any) -> None:
    batch = imports.start(batch=stage(csv_file(*PEOPLE)))
    lease = Lease.acquire(batch, ImportState.APPLYING)
    assert lease is not None
    Import.objects.filter(pk=batch.pk).update(lease=uuid.uuid4())
    with pytest.raises(LeaseLost):
        applying.run(lease=lease, origin=imports._origin(batch), progress=lambda _rows: None)

    assert not Member.objects.exists()
    assert batch.rows.filter(applied=True).count() == 0


def test_an_import_that_is_gone_is_no_error(db: None) -> None:
    tasks.work_on(4711)


def test_nothing_is_left_of_a_stream_that_breaks(stage: Any) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        stage(Broken(b"x"))
    assert not Import.objects.exists()
