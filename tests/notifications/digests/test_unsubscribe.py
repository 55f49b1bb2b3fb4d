"""`/u/<token>`: looking changes nothing, one POST ends it at once, and the link gives nothing."""

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client

from alumni.accounts.addresses import masked
from alumni.consent.models import ConsentEvent, ConsentState, UndoLink
from alumni.members.models import Member
from notifications.digests.models import Preference
from notifications.mail import links
from notifications.mail.models import ServiceMail

NOW = dt.datetime(2026, 11, 21, 9, 32, tzinfo=dt.UTC)
ALL = ("gigs", "vacancies", "updates")
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def _path(member: Member, purposes: tuple[str, ...] = ALL) -> str:
    return f"/u/{links.unsubscribe_token(member.uid, purposes)}"


def _in_force(member: Member) -> set[str]:
    return set(ConsentState.objects.filter(member=member, state="given").values_list("purpose", flat=True))


@pytest.fixture
def strict() -> Client:
    """A stranger without a session, from whom CSRF tokens are wanted."""
    return Client(enforce_csrf_checks=True)


# --- the button of the mail program


@pytest.mark.parametrize("body", ["form", "multipart", "nothing", "nonsense"])
def test_one_click_withdraws_what_the_link_names(alice: Member, strict: Client, body: str) -> None:
    path, before = _path(alice, ("gigs", "updates")), ConsentEvent.objects.count()
    answer = {
        "form": lambda: strict.post(path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded"),
        "multipart": lambda: strict.post(path, ONE_CLICK),
        "nothing": lambda: strict.post(path, b"", "text/plain"),
        "nonsense": lambda: strict.post(path, b"\xff\xfe--", "multipart/form-data; boundary=x\xff"),
    }[body]()
    assert answer.status_code == 200 and len(answer.content) < 10
    assert "Location" not in answer.headers and not answer.cookies
    assert _in_force(alice) == {"vacancies", "matching"}
    events = ConsentEvent.objects.order_by("-seq")[: ConsentEvent.objects.count() - before]
    assert sorted((event.purpose, event.state, event.method, event.channel) for event in events) == [
        ("gigs", "withdrawn", "rfc8058_one_click", "email"),
        ("updates", "withdrawn", "rfc8058_one_click", "email"),
    ]
    for event in events:
        assert event.evidence.person["ip_truncated"] is None
        assert event.evidence.person["user_agent_family"] is None


def test_one_click_again_is_200_and_no_new_event(alice: Member, strict: Client) -> None:
    strict.post(_path(alice), ONE_CLICK)
    before = ConsentEvent.objects.count()
    again = strict.post(_path(alice), ONE_CLICK)
    assert (again.status_code, ConsentEvent.objects.count()) == (200, before)


@pytest.mark.parametrize("secure", [True, False])
def test_one_click_is_never_redirected(alice: Member, settings: Any, secure: bool) -> None:
    settings.SECURE_SSL_REDIRECT = settings.APPEND_SLASH = True
    assert Client().post(_path(alice), ONE_CLICK, secure=secure).status_code == 200
    assert Client().post("/u/random", ONE_CLICK, secure=secure).status_code == 404


def test_a_token_that_we_did_not_sign_is_404_and_changes_nothing(alice: Member, strict: Client) -> None:
    token, before = links.unsubscribe_token(alice.uid, ALL), ConsentEvent.objects.count()
    flipped = [token[:at] + ("B" if token[at] != "B" else "C") + token[at + 1 :] for at in range(len(token))]
    for forged in [*flipped, "x", f"{token}x", token.split(".")[0], "a" * 500]:
        assert strict.post(f"/u/{forged}", ONE_CLICK).status_code == 404
        assert strict.get(f"/u/{forged}").status_code == 404
    assert ConsentEvent.objects.count() == before


def test_after_erasure_a_genuine_link_answers_and_does_nothing(db: None, strict: Client, organisation: Any) -> None:
    path = f"/u/{links.unsubscribe_token(uuid.uuid4(), ALL)}"
    assert strict.post(path, ONE_CLICK).status_code == 200
    assert strict.post(path, {"do": "unsubscribe"}).status_code == 200
    assert strict.get(path).status_code == 200
    assert not ConsentEvent.objects.exists() and not ServiceMail.objects.exists()


def test_old_links_work_after_the_key_was_rotated(alice: Member, strict: Client, settings: Any) -> None:
    path = _path(alice)
    settings.LINK_SIGNING_FALLBACKS = [settings.LINK_SIGNING_KEY]
    settings.LINK_SIGNING_KEY = "the-next-key"
    assert _path(alice) != path
    strict.post(path, ONE_CLICK)
    assert _in_force(alice) == {"matching"}


def test_the_address_of_the_link_is_short_and_names_nobody(alice: Member) -> None:
    url = links.unsubscribe_url(
        alice.uid, ["gigs", "vacancies", "updates", "events", "matching", "directory", "mentions"]
    )
    assert len(url) <= 500 and "alice" not in url.lower()


# --- looking


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_changes_nothing(alice: Member, strict: Client, method: str) -> None:
    Preference.objects.all().delete()
    before = ConsentEvent.objects.count()
    for _time in range(3):
        answer = getattr(strict, method)(_path(alice))
        assert answer.status_code == 200 and not answer.cookies
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert ConsentEvent.objects.count() == before and _in_force(alice) == {*ALL, "matching"}
    assert not Preference.objects.exists() and not UndoLink.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(alice: Member, strict: Client, method: str) -> None:
    assert getattr(strict, method)(_path(alice)).status_code == 405
    assert _in_force(alice) == {*ALL, "matching"}


def test_the_page_speaks_the_members_language_and_masks_the_address(
    alice: Member, carol: Member, strict: Client
) -> None:
    dutch = strict.get(_path(alice), headers={"Accept-Language": "en"}).content.decode()
    assert "Wil je geen mail meer van Maasveld?" in dutch
    assert "klussen, vacatures en nieuws van Maasveld" in dutch
    assert masked(alice.email) in dutch and alice.email not in dutch
    assert '<html lang="nl">' in dutch and "csrfmiddlewaretoken" not in dutch
    english = strict.get(_path(carol), headers={"Accept-Language": "nl"}).content.decode()
    assert "No more e-mail from Maasveld?" in english and '<html lang="en">' in english
    assert "No more e-mail" in strict.get(f"{_path(alice)}?language=en").content.decode()


# --- the page's own buttons


def test_unsubscribing_on_the_page_ends_every_mail_at_once(alice: Member, strict: Client) -> None:
    page = strict.post(_path(alice, ("gigs",)), {"do": "unsubscribe"}).content.decode()
    assert _in_force(alice) == {"matching"}
    assert "Je bent afgemeld" in page and "21 november 2026, 10.32 uur" in page
    assert "Draai het terug" in page
    event = ConsentEvent.objects.order_by("-seq")[0]
    assert (event.method, event.channel, event.locale) == ("preference_page", "web", "nl")


def _undo_token(page: Any) -> str:
    token: str = page.context["undo_token"]
    return token


def test_a_mistake_can_be_taken_back_once(alice: Member, strict: Client) -> None:
    token = _undo_token(strict.post(_path(alice), {"do": "unsubscribe"}))
    assert token not in str(UndoLink.objects.values())
    assert strict.post(_path(alice), {"do": "undo", "undo": token}).status_code == 200
    assert _in_force(alice) == {*ALL, "matching"}
    strict.post(_path(alice), {"do": "unsubscribe"})
    assert strict.post(_path(alice), {"do": "undo", "undo": token}).status_code == 410
    assert _in_force(alice) == {"matching"}


def test_undo_ends_after_ten_minutes(alice: Member, strict: Client, clock: Any) -> None:
    token = _undo_token(strict.post(_path(alice), {"do": "unsubscribe"}))
    clock.shift(dt.timedelta(minutes=10))
    assert strict.post(_path(alice), {"do": "undo", "undo": token}).status_code == 410
    assert _in_force(alice) == {"matching"}


def test_undo_is_bound_to_the_member(alice: Member, carol: Member, strict: Client) -> None:
    token = _undo_token(strict.post(_path(alice), {"do": "unsubscribe"}))
    assert strict.post(_path(carol), {"do": "undo", "undo": token}).status_code == 410
    assert _in_force(alice) == {"matching"} and _in_force(carol) == {"gigs"}


def test_undo_gives_back_only_what_was_ended(bob: Member, alice: Member, strict: Client) -> None:
    strict.post(_path(alice), {"do": "less", "less": "gigs"})
    token = _undo_token(strict.post(_path(alice), {"do": "unsubscribe"}))
    strict.post(_path(alice), {"do": "undo", "undo": token})
    assert _in_force(alice) == {"gigs", "matching"}
    assert _undo_token(strict.post(_path(bob), {"do": "unsubscribe"})) == ""


def test_gigs_only(alice: Member, strict: Client) -> None:
    page = strict.post(_path(alice), {"do": "less", "less": "gigs"}).content.decode()
    assert _in_force(alice) == {"gigs", "matching"}
    assert "Uitgezet: vacatures en nieuws van Maasveld." in page and "Alleen klussen" not in page


def test_everything_but_once_a_month(alice: Member, strict: Client) -> None:
    strict.post(_path(alice), {"do": "less", "less": "monthly"})
    assert Preference.objects.get(member=alice).frequency == "monthly"
    assert _in_force(alice) == {*ALL, "matching"}


def test_nothing_for_three_months(alice: Member, strict: Client) -> None:
    page = strict.post(_path(alice), {"do": "less", "less": "pause"}).content.decode()
    alice.refresh_from_db()
    assert alice.paused_until == dt.date(2027, 2, 21)
    assert "pauze tot en met 21 februari 2027" in page and _in_force(alice) == {*ALL, "matching"}


def test_choosing_nothing_says_so(alice: Member, strict: Client) -> None:
    answer = strict.post(_path(alice), {"do": "less"})
    assert answer.status_code == 400 and "Kies een van de drie" in answer.content.decode()


def test_an_unticked_box_switches_one_purpose_off(alice: Member, strict: Client) -> None:
    strict.post(_path(alice), {"do": "save", "purposes": ["gigs", "vacancies"], "frequency": "weekly"})
    assert _in_force(alice) == {"gigs", "vacancies"}


def test_the_link_gives_nothing(carol: Member, strict: Client) -> None:
    """Neither more purposes, nor a quicker rhythm, nor an earlier end of a pause."""
    Preference.objects.update_or_create(member=carol, defaults={"frequency": "monthly"})
    Member.objects.filter(pk=carol.pk).update(paused_until=dt.date(2027, 3, 1))
    every = ["gigs", "vacancies", "updates", "matching", "events", "directory", "mentions"]
    strict.post(_path(carol), {"do": "save", "purposes": every, "frequency": "weekly", "paused_until": "2026-12-01"})
    carol.refresh_from_db()
    assert _in_force(carol) == {"gigs"}
    assert Preference.objects.get(member=carol).frequency == "monthly"
    assert carol.paused_until == dt.date(2027, 3, 1)


@pytest.mark.parametrize("day", ["2027-02-30", "morgen", "2026-11-21", "\x00"])
def test_a_pause_until_no_later_day_is_refused_and_nothing_is_saved(alice: Member, strict: Client, day: str) -> None:
    answer = strict.post(_path(alice), {"do": "save", "purposes": [], "paused_until": day})
    alice.refresh_from_db()
    assert answer.status_code == 400 and alice.paused_until is None
    assert _in_force(alice) == {*ALL, "matching"}


def test_a_belgian_member_gets_one_acknowledgement(make_member: Any, strict: Client) -> None:
    member = make_member("Bram", consents=["gigs", "updates"], country="BE")
    ServiceMail.objects.all().delete()
    strict.post(_path(member), ONE_CLICK)
    strict.post(_path(member), ONE_CLICK)
    assert list(ServiceMail.objects.values_list("kind", "to")) == [("withdrawal_ack", member.email)]


def test_a_dutch_member_gets_no_acknowledgement(alice: Member, strict: Client) -> None:
    ServiceMail.objects.all().delete()
    strict.post(_path(alice), ONE_CLICK)
    assert not ServiceMail.objects.exists()
