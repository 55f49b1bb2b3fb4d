"""Reached and not reached, and why: the same answer as the gate gives, member by member."""

import datetime as dt
import random

import pytest
from django.utils import timezone

from alumni.consent import gate, suppression
from alumni.consent.models import ConsentState, Notice, State
from alumni.members.models import Member
from notifications.audiences import reach as reaches
from notifications.audiences.rules import members_of
from notifications.digests.models import Digest, DigestItem, Run

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)  # the 22nd in Amsterdam, still the 21st in New York


def _had(member, post):
    run = Run.objects.create(due_at=AT)
    digest = Digest.objects.create(run=run, member=member, language="nl", due_at=AT, message_id=f"<{member.pk}@x>")
    DigestItem.objects.create(member=member, post=post, digest=digest, version=post.versions.get(), rank=1)


def test_reached_and_each_reason_add_up_to_the_audience(alice, bob, carol, make_member, make_post):
    withdrawn = make_member("Dirk", consents=["gigs"])
    ConsentState.objects.filter(member=withdrawn, purpose="gigs").update(state=State.WITHDRAWN)
    make_member("Els", consents=["gigs"], paused_until=dt.date(2026, 12, 1))
    bounced = make_member("Fred", consents=["gigs"])
    Member.objects.filter(pk=bounced.pk).update(undeliverable_at=AT)
    suppression.suppress(email=make_member("Gijs", consents=["gigs"]).email, reason="complained")
    post = make_post("gig")
    _had(alice, post)
    found = reaches.reach(post=post, at=AT)
    assert found.reasons == {
        "had_it": 1, "refused": 1, "withdrawn": 1, "paused": 1, "undeliverable": 1, "suppressed": 1,
    }  # fmt: skip
    assert (found.total, found.reached) == (7, 1)


def test_a_post_for_freelancers_counts_freelancers_only(alice, carol, make_post):
    found = reaches.reach(post=make_post("gig", audience="freelancers"), at=AT)
    assert (found.total, found.reached, found.reasons) == (1, 1, {})


def test_an_empty_audience_is_reached_by_nobody(make_post):
    assert reaches.reach(post=make_post("gig"), at=AT) == reaches.Reach(0, 0, {})


@pytest.mark.parametrize(("day", "reason"), [(20, None), (21, None), (22, "paused")])
def test_a_pause_ends_at_the_members_own_midnight(make_member, make_post, day, reason):
    make_member("Alex", consents=["gigs"], paused_until=dt.date(2026, 11, day), timezone="Europe/Amsterdam")
    found = reaches.reach(post=make_post("gig"), at=AT)
    assert found.reasons == ({reason: 1} if reason else {})


def _crowd(rng, n):
    """Members in every state that the gate tells apart, at random."""
    zones = ["Europe/Amsterdam", "America/New_York", "Nowhere/AtAll"]
    members = Member.objects.bulk_create(
        _derived(
            Member(
                given_name=f"L{i}",
                family_name="Lid",
                email=f"lid{i}@thuis.example",
                is_alumnus=rng.random() < 0.8,
                is_freelancer=True,
                joined_at=AT if rng.random() < 0.9 else None,
                left_at=AT if rng.random() < 0.1 else None,
                undeliverable_at=AT if rng.random() < 0.1 else None,
                restricted_at=AT if rng.random() < 0.1 else None,
                paused_until=rng.choice([None, None, None, *(dt.date(2026, 11, day) for day in (20, 21, 22, 23))]),
                timezone=rng.choice(zones),
            )
        )
        for i in range(n)
    )
    states = [
        ConsentState(
            member=member,
            purpose=purpose,
            state=rng.choice([State.GIVEN] * 6 + [State.RENEWED, *State]),
            event_seq=1,
            event_time=AT,
            notice_version=rng.choice([1, 2, 2]),
            valid_until=rng.choice([None, AT, AT + dt.timedelta(seconds=1), AT - dt.timedelta(days=1)]),
        )
        for member in members
        for purpose in ("gigs", "updates")
        if rng.random() < 0.85
    ]
    ConsentState.objects.bulk_create(states)
    for member in rng.sample(members, n // 6):
        suppression.suppress(email=member.email.upper(), reason="complained")
    return members


def _derived(member):
    member.derive()
    return member


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["gig", "update"])
def test_the_counts_are_those_of_the_gates_verdicts(notices, make_post, monkeypatch, seed, kind):
    monkeypatch.setattr(reaches, "CHUNK", 7)
    rng = random.Random(seed)
    Notice.objects.create(purpose="gigs", version=2, change_kind="material", published_at=timezone.now())
    _crowd(rng, 150)
    post = make_post(kind, audience=rng.choice(["everybody", "alumni"]))
    audience = list(members_of(post.audience))
    expected = {}
    had = {member.pk for member in rng.sample(audience, 20)}
    for member in audience:
        if member.pk in had:
            _had(member, post)
    for pk, verdicts in gate.verdicts(members=audience, at=AT).items():
        verdict = verdicts[post.purpose]
        reason = "had_it" if verdict.allowed and pk in had else verdict.reason
        expected[reason] = expected.get(reason, 0) + 1
    found = reaches.reach(post=post, at=AT)
    assert {**found.reasons, "ok": found.reached} == {"ok": 0, **expected}
    assert found.total == len(audience)


def test_counting_many_takes_as_many_queries_as_counting_few(make_post, notices, django_assert_num_queries):
    suppression.suppress(email="weg@thuis.example", reason="complained")
    post = make_post("gig")
    post.audience  # noqa: B018  loaded here, not counted
    _crowd(random.Random(1), 10)
    # Notices, zones, the aggregate, is anything suppressed, addresses, their suppressions, and the suppressed members.
    with django_assert_num_queries(7):
        reaches.reach(post=post, at=AT)
    Member.objects.all().delete()
    _crowd(random.Random(2), 300)
    with django_assert_num_queries(7):
        reaches.reach(post=post, at=AT)
