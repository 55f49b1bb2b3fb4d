"""The preference page, and what a member got."""

import datetime as dt
from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from alumni.accounts.models import User
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.members.models import Member
from notifications.digests import preferences
from notifications.digests.models import Preference

Browser = Callable[[User | None], Client]
RHYTHM = {"frequency": "monthly", "weekday": "4", "hour": "13", "language": "en", "paused_until": ""}


def _states(member: Member) -> dict[str, str]:
    return dict(ConsentState.objects.filter(member=member).values_list("purpose", "state"))


def test_saving_gives_what_was_ticked_and_withdraws_what_was_unticked(alice: Member, browser_of: Browser) -> None:
    answer = browser_of(alice.user).post(
        "/account/preferences/", {"do": "save", "purposes": ["gigs", "matching"], **RHYTHM}, follow=True
    )

    assert _states(alice) == {"gigs": "given", "vacancies": "withdrawn", "updates": "withdrawn", "matching": "given"}
    assert "Vacancies is off. You no longer get it." in answer.content.decode()
    last = ConsentEvent.objects.order_by("-seq").first()
    assert last is not None
    assert (last.method, last.channel, last.actor) == ("preference_page", "web", "principal")
    preference = Preference.objects.get(member=alice)
    assert (preference.frequency, preference.weekday, preference.hour) == ("monthly", 4, 13)


def test_saving_without_a_change_writes_no_event(alice: Member, browser_of: Browser) -> None:
    events = ConsentEvent.objects.count()
    browser_of(alice.user).post(
        "/account/preferences/", {"purposes": ["gigs", "vacancies", "updates", "matching"], **RHYTHM}
    )
    assert ConsentEvent.objects.count() == events


def test_a_box_that_was_never_ticked_and_stays_so_is_no_refusal(carol: Member, browser_of: Browser) -> None:
    before = _states(carol)
    browser_of(carol.user).post("/account/preferences/", {"purposes": ["gigs"], **RHYTHM})
    assert _states(carol) == before


def test_a_pause_is_set_and_ended(alice: Member, browser_of: Browser) -> None:
    page = browser_of(alice.user)
    until = timezone.localdate() + dt.timedelta(days=30)
    page.post("/account/preferences/", {"purposes": ["gigs"], **RHYTHM, "paused_until": until.isoformat()})
    assert Member.objects.get(pk=alice.pk).paused_until == until

    page.post("/account/preferences/", {"do": "end_pause"})
    assert Member.objects.get(pk=alice.pk).paused_until is None


def test_a_day_that_does_not_exist_is_refused_and_nothing_is_saved(alice: Member, browser_of: Browser) -> None:
    answer = browser_of(alice.user).post(
        "/account/preferences/?language=nl", {"purposes": [], **RHYTHM, "paused_until": "2027-02-30"}
    )
    assert "Deze dag bestaat niet." in answer.content.decode()
    assert set(_states(alice).values()) == {"given"}


def test_stopping_all_mail_leaves_a_member_who_gets_nothing(alice: Member, browser_of: Browser) -> None:
    preferences.ensure(alice)
    browser_of(alice.user).post("/account/preferences/", {"do": "stop"})

    assert _states(alice) == {
        "gigs": "withdrawn",
        "vacancies": "withdrawn",
        "updates": "withdrawn",
        "matching": "given",
    }
    assert Member.objects.get(pk=alice.pk).left_at is None
    assert Preference.objects.get(member=alice).next_due is None


def test_who_got_nothing_yet_reads_when_the_first_may_come(alice: Member, browser_of: Browser) -> None:
    page = browser_of(alice.user).get("/account/digests/").content.decode()
    assert "We hebben je nog niets gestuurd." in page
    assert "Je eerste mail kan komen op" in page


def test_looking_at_ones_preferences_stores_none(alice: Member, browser_of: Browser) -> None:
    Preference.objects.all().delete()
    page = browser_of(alice.user)
    assert page.get("/account/preferences/").status_code == 200
    assert page.get("/account/digests/").status_code == 200
    assert page.get("/api/v1/me/preferences/").json()["frequency"] == "weekly"
    assert not Preference.objects.exists()
