"""When a digest is due: the member's own clock, DST, and changes of rhythm."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from alumni.consent import ledger
from backend.http.errors import InvalidInput
from notifications.digests import preferences
from notifications.digests.models import Digest, Preference, Run

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TUESDAY = dt.datetime(2026, 11, 24, 12, 0, tzinfo=AMSTERDAM)


def slot_of(moment, zone=AMSTERDAM):
    local = moment.astimezone(zone)
    return local.isoweekday(), local.hour


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
def test_the_slot_is_on_the_members_own_clock(zone) -> None:
    preference = Preference(member_id=7, weekday=4, hour=18)
    moment = preferences.next_due(preference, zone, TUESDAY)
    assert slot_of(moment, ZoneInfo(zone)) == (4, 18)
    assert TUESDAY < moment <= TUESDAY + dt.timedelta(days=7)
    assert moment.tzinfo is dt.UTC


def test_nine_o_clock_stays_nine_o_clock_over_both_changes_of_the_clock() -> None:
    preference = Preference(member_id=7, weekday=1, hour=9)
    moment = dt.datetime(2026, 3, 16, 12, tzinfo=dt.UTC)
    gaps, previous = set(), None
    for _week in range(40):
        moment = preferences.next_due(preference, "Europe/Amsterdam", moment, last=previous)
        assert slot_of(moment) == (1, 9)
        if previous is not None:
            gaps.add((moment - previous) / dt.timedelta(hours=1))
        previous = moment
    assert gaps == {167, 168, 169}


def test_a_time_that_the_clock_skips_comes_an_hour_later_and_a_double_one_once() -> None:
    spring = Preference(member_id=7, weekday=7, hour=2)
    moment = preferences.next_due(spring, "Europe/Amsterdam", dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC))
    assert moment.astimezone(AMSTERDAM).date() == dt.date(2026, 3, 29)
    assert moment.astimezone(AMSTERDAM).hour == 3
    first = preferences.next_due(spring, "Europe/Amsterdam", dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC))
    second = preferences.next_due(spring, "Europe/Amsterdam", first)
    assert first.astimezone(AMSTERDAM).utcoffset() == dt.timedelta(hours=2)
    assert second.astimezone(AMSTERDAM).date() - first.astimezone(AMSTERDAM).date() == dt.timedelta(days=7)


def test_the_minutes_spread_the_members_and_stay_the_same_for_each() -> None:
    def minutes():
        return [
            preferences.next_due(Preference(member_id=n), "Europe/Amsterdam", TUESDAY).minute for n in range(1, 400)
        ]

    assert minutes() == minutes()
    assert set(minutes()) == set(range(preferences.JITTER_MINUTES))


@pytest.mark.parametrize(
    ("frequency", "least", "most"), [("weekly", 7, 7), ("fortnightly", 14, 14), ("monthly", 28, 35)]
)
def test_a_rhythm_keeps_its_distance(frequency, least, most) -> None:
    preference = Preference(member_id=7, frequency=frequency)
    moment = preferences.next_due(preference, "Europe/Amsterdam", TUESDAY)
    for _time in range(30):
        following = preferences.next_due(preference, "Europe/Amsterdam", moment, last=moment)
        days = (following.astimezone(AMSTERDAM).date() - moment.astimezone(AMSTERDAM).date()).days
        assert least <= days <= most
        assert slot_of(following) == (2, 9)
        moment = following


def test_after_the_first_digest_a_whole_week_passes() -> None:
    preference = Preference(member_id=7, next_due=TUESDAY - dt.timedelta(days=1))  # joined on Monday
    following = preferences.after_run(preference, "Europe/Amsterdam", preference.next_due, has_digest=True)
    assert following.astimezone(AMSTERDAM).date() == dt.date(2026, 12, 1)


def test_an_empty_period_does_not_use_up_the_gap() -> None:
    preference = Preference(member_id=7, frequency="fortnightly", next_due=TUESDAY - dt.timedelta(days=1))
    following = preferences.after_run(preference, "Europe/Amsterdam", preference.next_due, has_digest=False)
    assert following.astimezone(AMSTERDAM).date() == dt.date(2026, 11, 24)


def test_a_late_run_keeps_the_rhythm_and_a_very_late_one_keeps_the_promise() -> None:
    preference = Preference(member_id=7, next_due=TUESDAY)
    a_day_late = preferences.after_run(preference, "Europe/Amsterdam", TUESDAY + dt.timedelta(days=1), has_digest=True)
    assert a_day_late.astimezone(AMSTERDAM).date() == dt.date(2026, 12, 1)
    five_days_late = preferences.after_run(
        preference, "Europe/Amsterdam", TUESDAY + dt.timedelta(days=5), has_digest=True
    )
    assert five_days_late.astimezone(AMSTERDAM).date() == dt.date(2026, 12, 8)


def test_an_unknown_time_zone_falls_back_on_the_companys() -> None:
    assert preferences.zone_of("Mars/Olympus") == AMSTERDAM
    assert preferences.zone_of("../../etc/passwd") == AMSTERDAM


def test_who_joins_is_due_at_once_and_who_agrees_to_no_mail_is_never(alice, bob) -> None:
    assert alice.preference.next_due <= dt.datetime.now(dt.UTC)
    assert bob.preference.next_due is None


def _act():
    return ledger.Act(method="rfc8058_one_click", channel="web", form_version="1", locale="nl")


def test_the_last_withdrawal_ends_it_and_a_new_consent_begins_it(carol) -> None:
    ledger.choose(member=carol, choices={"gigs": False}, act=_act())
    assert Preference.objects.get(pk=carol.pk).next_due is None
    act = ledger.Act(method="preference_page", channel="web", form_version="1", locale="nl")
    ledger.choose(member=carol, choices={"updates": True}, act=act)
    assert Preference.objects.get(pk=carol.pk).next_due is not None


def test_one_withdrawal_of_several_leaves_the_slot_as_it_is(alice) -> None:
    slot = alice.preference.next_due
    ledger.choose(member=alice, choices={"gigs": False}, act=_act())
    assert Preference.objects.get(pk=alice.pk).next_due == slot


def _had_a_digest(member, at) -> None:
    run = Run.objects.create(due_at=at)
    Digest.objects.create(
        run=run, member=member, language="nl", state="handed_over", due_at=at, message_id=f"<{member.pk}@x>"
    )
    Preference.objects.filter(pk=member.pk).update(
        next_due=preferences.next_due(member.preference, member.timezone, at, last=at)
    )


@time_machine.travel(TUESDAY + dt.timedelta(hours=1), tick=False)
def test_moving_the_day_in_the_middle_of_a_period_brings_no_second_digest_in_a_week(alice) -> None:
    _had_a_digest(alice, TUESDAY)
    moved = preferences.update(member=alice, weekday=3)  # tomorrow
    assert slot_of(moved.next_due) == (3, 9)
    assert moved.next_due.astimezone(AMSTERDAM).date() == dt.date(2026, 12, 2)


@time_machine.travel(TUESDAY + dt.timedelta(hours=1), tick=False)
def test_a_slower_and_again_a_faster_rhythm_ends_where_it_was(alice) -> None:
    _had_a_digest(alice, TUESDAY)
    before = Preference.objects.get(pk=alice.pk).next_due
    slower = preferences.update(member=alice, frequency="monthly")
    assert slower.next_due.astimezone(AMSTERDAM).date() == dt.date(2027, 1, 5)
    faster = preferences.update(member=alice, frequency="weekly")
    assert faster.next_due == before
    assert faster.version == 3


def test_what_is_due_already_stays_due(alice) -> None:
    due = alice.preference.next_due
    assert preferences.update(member=alice, weekday=5, hour=20).next_due == due


def test_language_and_pause_land_on_the_member_and_raise_both_versions(alice) -> None:
    versions = alice.version, alice.preference.version
    preference = preferences.update(member=alice, language="en", paused_until=dt.date(2027, 1, 15))
    alice.refresh_from_db()
    assert (alice.language, alice.paused_until) == ("en", dt.date(2027, 1, 15))
    assert (alice.version, preference.version) == (versions[0] + 1, versions[1] + 1)


def test_the_same_again_changes_nothing(alice) -> None:
    version = alice.preference.version
    assert preferences.update(member=alice, weekday=2, language="nl").version == version


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("frequency", "hourly"),
        ("weekday", 8),
        ("hour", 24),
        ("language", "tlh"),
        ("email", "x"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_changes_nothing(alice, field, value) -> None:
    with pytest.raises(InvalidInput) as refused:
        preferences.update(member=alice, **{field: value, **({"hour": 7} if field != "hour" else {"weekday": 1})})
    assert refused.value.field == field
    kept = Preference.objects.get(pk=alice.pk)
    assert (kept.hour, kept.weekday, kept.version) == (9, 2, 1)
