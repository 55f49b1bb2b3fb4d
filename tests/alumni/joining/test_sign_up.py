"""Signing up: an answer that tells nothing, and a double opt-in that writes once."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alumni.accounts.models import User
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent, ConsentState, Suppression
from alumni.joining import sign_up
from alumni.joining.models import OptIn
from alumni.members.models import Member
from notifications.digests.models import Preference
from notifications.mail.models import ServiceMail

NOOR = {"given_name": "Noor", "family_name": "Bakker", "email": "noor@noorbakker.example", "kind": "freelancer"}
Api = Callable[..., Any]


def _token() -> str:
    """The token in the newest mail."""
    mail = ServiceMail.objects.latest("pk")
    found = re.search(rb"/join/([A-Za-z0-9_-]{20,})/", bytes(mail.body).replace(b"=\r\n", b""))
    assert found is not None
    return found[1].decode()


def _kinds() -> list[str]:
    return list(ServiceMail.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.usefixtures("notices")
def test_signing_up_writes_nothing_to_the_ledger_and_makes_no_member(api_of: Api) -> None:
    answer = api_of().post("/join/", NOOR)

    assert answer.status_code == 202
    assert _kinds() == ["opt_in"]
    assert not ConsentEvent.objects.exists()
    assert not Member.objects.exists()
    assert not User.objects.exists()


@pytest.mark.usefixtures("notices")
def test_confirming_writes_each_answer_once_with_the_times_of_the_double_opt_in(api_of: Api) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 18, 9, 0, tzinfo=dt.UTC), tick=False):
        api_of().post("/join/", NOOR)
    token = _token()
    with time_machine.travel(dt.datetime(2026, 11, 21, 9, 14, tzinfo=dt.UTC), tick=False):
        confirmed = api_of().post("/join/confirm/", {"token": token, "consents": {"gigs": True, "updates": False}})
        again = api_of().post("/join/confirm/", {"token": token, "consents": {"updates": True}})

    assert confirmed.status_code == 200, confirmed.content
    assert (again.status_code, again.json()["code"]) == (410, "used")
    member = Member.objects.get()
    assert dict(ConsentState.objects.filter(member=member).values_list("purpose", "state")) == {
        "gigs": "given",
        "vacancies": "refused",
        "updates": "refused",
        "matching": "refused",
    }
    event = ConsentEvent.objects.get(purpose="gigs")
    assert event.method == "checkbox_then_email_confirmation"
    assert event.doi_sent_at == dt.datetime(2026, 11, 18, 9, 0, tzinfo=dt.UTC)
    assert event.doi_confirmed_at == dt.datetime(2026, 11, 21, 9, 14, tzinfo=dt.UTC)
    assert _kinds() == ["opt_in", "receipt"]
    due = Preference.objects.get(member=member).next_due
    assert due is not None
    assert due <= dt.datetime(2026, 11, 21, 9, 15, tzinfo=dt.UTC)


def test_known_unknown_and_suppressed_addresses_are_answered_and_cost_alike(api_of: Api, alice: Member) -> None:
    suppression.suppress(email="weg@thuis.example", reason="complained")
    api_of().post("/join/", NOOR | {"email": "warm@thuis.example"})
    ServiceMail.objects.all().delete()
    seen = []
    for email in ("noor@noorbakker.example", "alice@thuis.example", "weg@thuis.example"):
        rows = ServiceMail.objects.count(), OptIn.objects.count()
        with CaptureQueriesContext(connection) as captured:
            answer = api_of().post("/join/", NOOR | {"email": email})
        more = ServiceMail.objects.count() - rows[0], OptIn.objects.count() - rows[1]
        seen.append((answer.status_code, answer.content, len(captured), more))

    assert seen[0] == seen[1] == seen[2]
    assert _kinds() == ["opt_in", "already_member", "none"]


@pytest.mark.usefixtures("notices")
def test_at_most_one_mail_and_one_repeat_reach_an_address_in_a_week(api_of: Api) -> None:
    for _n in range(4):
        assert api_of().post("/join/", NOOR).status_code == 202
    assert _kinds() == ["opt_in", "opt_in", "none", "none"]
    assert OptIn.objects.count() == 1


@pytest.mark.usefixtures("notices")
def test_the_first_link_ends_when_a_new_one_is_sent(api_of: Api) -> None:
    api_of().post("/join/", NOOR)
    first = _token()
    api_of().post("/join/", NOOR)
    assert api_of().post("/join/confirm/", {"token": first, "consents": {}}).status_code == 404
    assert api_of().post("/join/confirm/", {"token": _token(), "consents": {}}).status_code == 200


@pytest.mark.usefixtures("notices")
def test_only_the_persons_own_opt_in_lifts_what_they_said_before(api_of: Api) -> None:
    suppression.suppress(email=NOOR["email"], reason="objected")
    api_of().post("/join/", NOOR)
    assert suppression.is_suppressed(NOOR["email"])

    api_of().post("/join/confirm/", {"token": _token(), "consents": {"gigs": True}})
    assert not suppression.is_suppressed(NOOR["email"])
    lifted = Suppression.objects.get().lifted_by_seq
    assert ConsentEvent.objects.filter(seq=lifted).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"given_name": "Noor\r\nBcc: x@y.example"}, "given_name"),
        ({"given_name": "Win now: https://evil.example/x"}, "given_name"),
        ({"infix": "www.evil"}, "infix"),
        ({"family_name": "evil.example"}, "family_name"),
        ({"email": "noor@"}, "email"),
        ({"email": "noor\x00@x.example"}, "email"),
        ({"kind": "pensioner"}, "kind"),
        ({"consents": {"gigs": True}}, "consents"),
    ],
)
@pytest.mark.usefixtures("notices")
def test_bad_input_is_named_and_mails_nobody(api_of: Api, change: dict[str, Any], field: str) -> None:
    answer = api_of().post("/join/", NOOR | change)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not ServiceMail.objects.exists()
    assert not OptIn.objects.exists()


@pytest.mark.parametrize("consents", [{"*": True}, {"everything": True}, {"gigs": "yes"}, {"gigs": None}])
@pytest.mark.usefixtures("notices")
def test_consents_are_named_one_by_one_with_a_plain_yes_or_no(api_of: Api, consents: dict[str, Any]) -> None:
    api_of().post("/join/", NOOR)
    answer = api_of().post("/join/confirm/", {"token": _token(), "consents": consents})
    assert answer.status_code == 400
    assert not ConsentEvent.objects.exists()
    assert not Member.objects.exists()


@pytest.mark.usefixtures("notices")
def test_a_sign_up_that_nobody_confirmed_is_erased_after_its_term(api_of: Api) -> None:
    with time_machine.travel(dt.datetime(2026, 11, 10, 12, 0, tzinfo=dt.UTC)):
        api_of().post("/join/", NOOR)
    assert sign_up.purge(at=dt.datetime(2026, 11, 17, 11, 0, tzinfo=dt.UTC)) == 0
    assert sign_up.purge(at=dt.datetime(2026, 11, 17, 13, 0, tzinfo=dt.UTC)) == 1
    assert not OptIn.objects.exists()


@pytest.mark.usefixtures("notices")
def test_scanners_that_follow_the_link_change_nothing(api_of: Api) -> None:
    api_of().post("/join/", NOOR)
    page = f"/join/{_token()}/"
    before = list(OptIn.objects.values())
    for method in ("get", "get", "head", "options"):
        getattr(Client(), method)(page)
    assert list(OptIn.objects.values()) == before
    assert not ConsentEvent.objects.exists()

    answer = Client().get(page)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", answer.content.decode())
    assert len(boxes) == 4
    assert not any("checked" in box or "required" in box for box in boxes)
    assert "noor@" not in answer.content.decode()


@pytest.mark.usefixtures("notices")
def test_pressing_the_button_with_nothing_ticked_gives_no_consent(api_of: Api) -> None:
    api_of().post("/join/", NOOR)
    answer = Client().post(f"/join/{_token()}/", {"answer": "confirm"})
    assert "alles staat uit" in answer.content.decode()
    assert set(ConsentState.objects.values_list("state", flat=True)) == {"refused"}
    assert Preference.objects.filter(next_due__isnull=False).count() == 0


@pytest.mark.usefixtures("notices")
def test_that_was_not_me_erases_the_request(api_of: Api) -> None:
    api_of().post("/join/", NOOR)
    page = f"/join/{_token()}/"
    assert Client().post(page, {"answer": "not_me"}).status_code == 200
    assert not OptIn.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert Client().get(page).status_code == 404


@pytest.mark.usefixtures("notices")
def test_an_expired_link_offers_a_new_one_to_the_same_address(api_of: Api) -> None:
    api_of().post("/join/", NOOR)
    page = f"/join/{_token()}/"
    OptIn.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    expired = Client().get(page)
    assert expired.status_code == 410
    assert "nieuwe" in expired.content.decode()

    assert Client().post(page, {"answer": "renew"}).status_code == 200
    assert _kinds() == ["opt_in", "opt_in"]
    assert ServiceMail.objects.latest("pk").to == NOOR["email"]


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "../../x"])
@pytest.mark.usefixtures("notices")
def test_a_token_that_never_was_one_is_not_found(api_of: Api, token: str) -> None:
    assert Client().get(f"/join/{token}/").status_code == 404
    assert api_of().post("/join/confirm/", {"token": token, "consents": {}}).status_code == 404


@pytest.mark.usefixtures("notices")
def test_the_page_signs_somebody_up_in_the_language_that_they_read(settings: Any) -> None:
    answer = Client().post("/join/?language=en", NOOR)
    assert "Check your mailbox" in answer.content.decode()
    assert OptIn.objects.get().payload["language"] == "en"
    assert b"Confirm that you want to join" in bytes(ServiceMail.objects.get().body)


@pytest.mark.usefixtures("notices")
def test_signing_up_too_often_from_one_place_is_stopped(api_of: Api) -> None:
    codes = [api_of().post("/join/", NOOR | {"email": f"a{n}@thuis.example"}).status_code for n in range(21)]
    assert codes == [202] * 20 + [429]
