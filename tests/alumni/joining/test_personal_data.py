"""What joining holds on a person can be shown to them, and goes with them."""

from collections.abc import Callable

import pytest

from alumni.accounts.models import User
from alumni.joining import personal_data, sign_up
from alumni.joining.invitations import invite
from alumni.joining.models import Import, ImportRow, Invitation, OptIn
from alumni.members.models import Member
from tests.alumni.joining.files import FATIMA, NATHAN, csv_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def nathan(bring_in: Callable[..., Import], stage: Callable[..., Import], notices: None, author: User) -> Member:
    """Imported, invited, signed up, staged again, and once in a row that was refused."""
    bring_in(csv_file(NATHAN, FATIMA))
    member = Member.objects.get(given_name="Nathan")
    invite(member=member, by=author, reason="Nathan vroeg erom.")
    payload = {"given_name": "Nathan", "family_name": "Kamp", "kind": "alumnus", "language": "nl"}
    sign_up.request(email=member.email, payload=payload)
    refused = NATHAN.replace("nathan@thuis.example", "nathan at thuis.example")
    stage(csv_file(NATHAN.replace("Verpleegkundige", "Chef"), refused, FATIMA))
    return member


def test_everything_is_shown(nathan: Member) -> None:
    shown = personal_data.export(nathan)

    assert [row["reason"] for row in shown["invitations"]] == ["Nathan vroeg erom."]
    assert [row["said"]["family_name"] for row in shown["sign_ups"]] == ["Kamp"]
    assert len(shown["import_rows"]) == 2
    assert "Fatima" not in str(shown)


def test_nothing_of_the_person_stays_but_the_keyed_hash(nathan: Member) -> None:
    personal_data.erase(nathan)

    assert not OptIn.objects.exists()
    [invitation] = Invitation.objects.values("member_id", "reason", "email_hmac")
    assert (invitation["member_id"], invitation["reason"]) == (None, "")
    assert invitation["email_hmac"]
    held = str(list(ImportRow.objects.values()))
    assert "Nathan" not in held
    assert "nathan" not in held
    assert "Fatima" in held
    personal_data.erase(nathan)
