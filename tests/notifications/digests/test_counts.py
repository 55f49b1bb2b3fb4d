"""The counts of a run add up to each post's audience, to the last person: on random networks."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.utils import timezone

from alumni.consent import gate, ledger, suppression
from alumni.consent.models import Purpose
from alumni.members.models import Member
from notifications.audiences.rules import members_of
from notifications.digests import deliver, runs
from notifications.digests.models import Digest, DigestItem, Preference, RunPost
from notifications.posts.models import Post
from tests.faults.smtp_server import HANG_UP, LyingServer

pytestmark = pytest.mark.django_db
PURPOSES = ["gigs", "vacancies", "updates", "matching"]


@pytest.fixture
def server(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


def random_network(rnd, make_member, publish, n=30):
    members = []
    for number in range(n):
        kinds = rnd.choice([{"is_alumnus": True}, {"is_freelancer": True}, {"is_alumnus": True, "is_freelancer": True}])
        fields = {"is_alumnus": False, "is_freelancer": False, **kinds}
        consents = rnd.sample(PURPOSES, rnd.randint(0, 4))
        members.append(
            make_member(f"Lid{number}", consents=consents, skills=rnd.sample(["Python", "SQL"], 1), **fields)
        )
    for _post in range(14):
        publish(rnd.choice(["gig", "vacancy", "update"]), audience=rnd.choice(["everybody", "alumni", "freelancers"]),
                required=rnd.sample(["Python", "SQL", "Excel"], 1))  # fmt: skip
    return members


def disturb(rnd, members):
    """What may happen to people at any time."""
    act = ledger.Act(method="preference_page", channel="web", form_version="1", locale="nl")
    for member in rnd.sample(members, 8):
        what = rnd.choice(["withdraw", "pause", "suppress", "leave", "restrict", "later"])
        if what == "withdraw":
            ledger.withdraw(member=member, purposes=rnd.sample(PURPOSES, 2), act=act)
        elif what == "suppress":
            suppression.suppress(email=member.email, reason="objected")
        elif what == "later":
            Preference.objects.filter(pk=member.pk, next_due__isnull=False).update(
                next_due=timezone.now() + dt.timedelta(days=2)
            )
        else:
            field = {"pause": "paused_until", "leave": "left_at", "restrict": "restricted_at"}[what]
            value = dt.date(2099, 1, 1) if what == "pause" else timezone.now()
            Member.objects.filter(pk=member.pk).update(**{field: value})


def expected_at_planning(at):
    """The same, worked out one pair at a time: {post: Counter of outcomes}, and who is looked at."""
    expected = {}
    looked_at = set(Preference.objects.filter(next_due__lte=at).values_list("pk", flat=True))
    for post in Post.objects.filter(state="published"):
        tally = Counter()
        for member in members_of(post.audience):
            due = Preference.objects.get(pk=member.pk).next_due
            if member.pk not in looked_at:
                tally["no_consent" if due is None else "not_due"] += 1
                continue
            verdict = gate.may_send(member=member, kind="digest", purpose=post.purpose, at=at)
            if DigestItem.objects.filter(member=member, post=post).exists():
                tally["had_it"] += 1
            elif not verdict.allowed:
                tally[verdict.reason] += 1
            else:
                tally["fits"] += 1  # planned, or the digest was full
        expected[post.pk] = tally
    return expected


def counted(run):
    tally = {}
    for post_id, outcome, n in RunPost.objects.filter(run=run).values_list("post_id", "outcome", "n"):
        assert n > 0
        tally.setdefault(post_id, Counter())[outcome] = n
    return tally


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_is_counted_once_at_planning_and_at_the_end(make_member, publish, server, settings, seed) -> None:
    settings.PLAN_CHUNK, settings.HAND_OFF_BATCH = 7, 5
    rnd = random.Random(seed)
    members = random_network(rnd, make_member, publish)
    for _round in range(3):
        disturb(rnd, members)
        expected = expected_at_planning(timezone.now())
        run = runs.start()
        runs.plan_all(run)
        planned = counted(run)
        for post_id, tally in expected.items():
            mine = planned.get(post_id, Counter())
            assert mine.pop("planned", 0) + mine.pop("digest_full", 0) == tally.pop("fits", 0)
            assert mine == +tally
        audience = {post.pk: members_of(post.audience).count() for post in Post.objects.filter(state="published")}
        disturb(rnd, members)
        for victim in rnd.sample(members, 3):
            server.lie("dot", HANG_UP, to=victim.email)
        deliver.hand_over_all()
        runs.finish_ended()
        final = counted(run)
        assert {post_id: sum(tally.values()) for post_id, tally in final.items()} == audience
        assert "planned" not in {outcome for tally in final.values() for outcome in tally}
        Preference.objects.filter(next_due__isnull=False).update(next_due=timezone.now())
    assert not Digest.objects.filter(state__in=("planned", "claimed", "handing_over")).exists()
    pairs = DigestItem.objects.filter(outcome=None, digest__state__in=("handed_over", "unconfirmed"))
    for item in pairs.select_related("post"):
        assert Purpose(item.post.purpose)
    assert max(server.counts().values()) <= 3


def test_a_member_who_is_erased_during_a_run_is_counted_as_such(make_member, publish, server) -> None:
    from alumni.privacy.erasure import erase

    kept, gone = make_member("Blijft", consents=["gigs"]), make_member("Gaat", consents=["gigs"])
    post = publish("gig")
    run = runs.start()
    runs.plan_all(run)
    erase(member=gone)
    deliver.hand_over_all()
    runs.finish_ended()
    assert counted(run) == {post.pk: Counter(handed_over=1, erased=1)}
    assert server.counts() == {kept.email: 1}
