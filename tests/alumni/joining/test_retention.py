"""What joining forgets by itself: one day before its term it is there, one day after it is gone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alumni.accounts.models import Organisation, User
from alumni.joining import answering, invitations, retention, sign_up, tasks
from alumni.joining.models import Import, ImportRow, Invitation, OptIn
from alumni.members.models import Member
from tests.alumni.joining.files import FATIMA, NATHAN, csv_file

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def purge_after(days: float) -> dict[str, int]:
    with time_machine.travel(START + dt.timedelta(days=days), tick=False):
        return retention.purge(at=timezone.now())


@pytest.fixture
def imported(bring_in: Callable[..., Import]) -> Import:
    with time_machine.travel(START, tick=False):
        return bring_in(csv_file(NATHAN, FATIMA, "9;Bad;;Row;nix;Rol;1-1-2020;;;nl"))


def test_imported_people_who_never_answered_go_after_thirty_days(imported: Import) -> None:
    assert purge_after(29) == {"sign_ups": 0, "imports": 0, "people": 0}
    assert Member.objects.count() == 2

    assert purge_after(31) == {"sign_ups": 0, "imports": 1, "people": 2}
    assert not Member.objects.exists()
    assert not ImportRow.objects.exists()


def test_an_open_invitation_keeps_them_until_it_expires(imported: Import, notices: None, author: User) -> None:
    nathan = Member.objects.get(given_name="Nathan")
    with time_machine.travel(START + dt.timedelta(days=25), tick=False):
        invitations.invite(member=nathan, by=author, reason="Vroeg erom.")

    purge_after(54)
    assert list(Member.objects.values_list("given_name", flat=True)) == ["Nathan"]
    purge_after(56)
    assert not Member.objects.exists()
    assert Invitation.objects.count() == 1  # its keyed hash stays: there is never a second


def test_who_declined_goes_the_next_night(imported: Import, notices: None, author: User) -> None:
    nathan = Member.objects.get(given_name="Nathan")
    with time_machine.travel(START, tick=False):
        invitation = invitations.invite(member=nathan, by=author, reason="Vroeg erom.")
        token, digest = invitations.new_token()
        Invitation.objects.filter(pk=invitation.pk).update(token_sha256=digest)
        answering.decline(token=token)

    purge_after(1)
    assert list(Member.objects.values_list("given_name", flat=True)) == ["Fatima"]


def test_who_joined_stays(alice: Member, imported: Import) -> None:
    Member.objects.filter(pk=alice.pk).update(created_at=START - dt.timedelta(days=900))
    purge_after(31)
    assert list(Member.objects.values_list("given_name", flat=True)) == ["Alice"]


def test_a_sign_up_goes_after_seven_days(notices: None) -> None:
    payload = {"given_name": "Noor", "family_name": "Bakker", "kind": "freelancer", "language": "nl"}
    with time_machine.travel(START, tick=False):
        sign_up.request(email="noor@thuis.example", payload=payload)

    purge_after(6)
    assert OptIn.objects.count() == 1
    purge_after(8)
    assert not OptIn.objects.exists()


def test_an_import_goes_with_its_rows_and_its_file(
    organisation: Organisation, stage: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    from django.core.files.base import ContentFile

    with time_machine.travel(START, tick=False):
        batch = stage(csv_file(NATHAN))
        batch.upload.save("x", ContentFile(b"Nathan"))
    purge_after(29)
    assert ImportRow.objects.count() == 1
    purge_after(31)
    assert not Import.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_import_that_is_being_applied_is_left_alone(stage: Any) -> None:
    with time_machine.travel(START, tick=False):
        batch = stage(csv_file(NATHAN))
    Import.objects.filter(pk=batch.pk).update(state="applying")
    purge_after(31)
    assert Import.objects.count() == 1


def test_the_nights_job_runs_twice_without_harm(imported: Import) -> None:
    with time_machine.travel(START + dt.timedelta(days=31), tick=False):
        tasks.purge()
        tasks.purge()
    assert not Member.objects.exists()
