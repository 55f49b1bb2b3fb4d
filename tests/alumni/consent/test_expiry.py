"""Consents past their term."""

import datetime as dt

import pytest
import time_machine

from alumni.consent import expiry, gate, ledger, tasks
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.members.models import Member

pytestmark = pytest.mark.django_db
THEN = dt.datetime(2024, 2, 29, 9, tzinfo=dt.UTC)


@pytest.fixture
def old(notices, on_the_page):
    member = Member.objects.create(
        given_name="Olga", family_name="Oud", email="olga@thuis.example", is_alumnus=True, joined_at=THEN
    )
    ledger.choose(member=member, choices={"gigs": True, "updates": True, "matching": False}, act=on_the_page, at=THEN)
    return member


def test_a_day_before_the_end_nothing_happens_and_a_day_after_it_the_consent_has_expired(old):
    with time_machine.travel("2026-02-27T02:40:00Z"):
        tasks.expire()
    assert ConsentEvent.objects.count() == 3
    with time_machine.travel("2026-03-01T02:40:00Z"):
        tasks.expire()
    events = list(ConsentEvent.objects.filter(seq__gt=3))
    assert [(e.purpose, e.state, e.actor, e.method, e.channel, e.validity_duration) for e in events] == [
        ("gigs", "expired", "system", "expiry", "system", None),
        ("updates", "expired", "system", "expiry", "system", None),
    ]
    assert events[0].expression == "valid until 2026-02-28"
    assert events[0].record == ConsentEvent.objects.get(seq=1).record
    assert dict(ConsentState.objects.values_list("purpose", "state")) == {
        "gigs": "expired",
        "updates": "expired",
        "matching": "refused",
    }


def test_the_nightly_job_leaves_the_ledgers_head_in_the_log(old, caplog):
    tasks.expire()
    head = ledger.head()
    [line] = [record.msg for record in caplog.records if record.msg["event"] == "ledger_head"]
    assert (line["seq"], line["hash"]) == (head.seq, head.hash)


def test_the_gate_does_not_wait_for_the_nightly_job(old):
    after = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    before_job = gate.may_send(member=old, kind="digest", purpose="gigs", at=after)
    expiry.expire(at=after)
    assert before_job == gate.may_send(member=old, kind="digest", purpose="gigs", at=after)
    assert before_job.reason == "expired"


def test_running_twice_writes_nothing_more(old):
    after = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert expiry.expire(at=after) == 2
    assert expiry.expire(at=after) == 0
    assert ConsentEvent.objects.count() == 5


def test_more_than_a_chunk_is_expired_in_several_transactions(notices, on_the_page, monkeypatch):
    monkeypatch.setattr(expiry, "CHUNK", 3)
    members = [
        Member.objects.create(given_name=f"M{i}", family_name="X", email=f"m{i}@thuis.example", is_alumnus=True)
        for i in range(7)
    ]
    changes = [ledger.Change(member, purpose, "given") for member in members for purpose in ("gigs", "updates")]
    ledger.record(changes, on_the_page, THEN)
    assert expiry.expire(at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC)) == 14
    assert set(ConsentState.objects.values_list("state", flat=True)) == {"expired"}


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29", 24, "2026-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-11-21", 24, "2028-11-21"),
        ("2026-12-31", 1, "2027-01-31"),
    ],
)
def test_a_term_ends_on_the_same_day_or_the_last_of_the_month(start, months, end):
    from alumni.consent.months import add_months

    assert add_months(dt.datetime.fromisoformat(start), months) == dt.datetime.fromisoformat(end)
