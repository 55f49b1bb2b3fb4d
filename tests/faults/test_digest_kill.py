"""kill -9 of the worker at each state boundary of a run: who comes after it goes on, and nobody gets a digest twice.

After it all, every member has one digest: taken by the mail server once, or shown as unconfirmed.
"""

import datetime as dt
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from django.db import connections
from django.utils import timezone

from alumni.consent import ledger
from alumni.consent.models import ConsentState
from alumni.members.models import Member
from notifications.audiences.after_migrate import after_migrate
from notifications.digests import deliver, runs
from notifications.digests.models import Digest, DigestItem, Preference, Run, RunPost
from tests.faults.smtp_server import LyingServer
from tests.faults.workers import Worker
from tests.notifications.digests.conftest import publish_post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

LOOP = "tests.faults.digest_loop.until_nothing_is_left"
SMALL = {"PLAN_CHUNK": "250", "HAND_OFF_BATCH": "20"}
PLACES = [
    pytest.param({"die_before": "notifications.digests.runs.start"}, 0, id="before-the-run"),
    pytest.param({"die_after": "notifications.digests.runs.start"}, 0, id="run-started"),
    pytest.param({"die_after": "notifications.digests.runs._lease"}, 0, id="run-leased"),
    pytest.param({"die_before": "notifications.digests.plan._move_due_times", "call": 2}, 0, id="chunk-half-written"),
    pytest.param({"die_after": "notifications.digests.runs._note", "call": 2}, 0, id="chunk-not-committed"),
    pytest.param({"die_after": "notifications.digests.runs.advance", "call": 2}, 0, id="chunk-committed"),
    pytest.param({"die_before": "notifications.digests.runs._planned"}, 0, id="last-chunk-committed"),
    pytest.param({"die_after": "notifications.digests.counts.store"}, 0, id="counts-not-committed"),
    pytest.param({"die_after": "notifications.digests.runs._planned"}, 0, id="planned"),
    pytest.param({"die_after": "notifications.mail.claims.claim", "call": 3}, 0, id="claimed"),
    pytest.param({"die_after": "notifications.digests.handoff.compose", "call": 3}, 0, id="composed"),
    pytest.param({"die_after": "notifications.digests.handoff._mark", "call": 3}, 0, id="mark-not-committed"),
    pytest.param({"die_after": "notifications.digests.handoff.ask_and_mark", "call": 3}, 20, id="marked"),
    pytest.param({"die_mid_data": True, "call": 45}, 20, id="half-of-the-data"),
    pytest.param(
        {"die_before": "notifications.mail.smtp.Wire._final_answer", "call": 45}, 20, id="after-the-final-dot"
    ),
    pytest.param({"die_after": "notifications.mail.smtp.Wire.send", "call": 60}, 20, id="last-one-accepted"),
    pytest.param({"die_before": "notifications.digests.deliver._settle", "call": 4}, 20, id="before-settling"),
    pytest.param({"die_after": "notifications.mail.claims.settle", "call": 3}, 20, id="settlement-not-committed"),
    pytest.param({"die_after": "notifications.digests.deliver._settle", "call": 3}, 20, id="settled"),
    pytest.param({"die_before": "notifications.digests.runs.finish_ended"}, 0, id="before-the-end"),
    pytest.param({"die_after": "notifications.digests.counts.settle"}, 0, id="end-not-committed"),
]


@pytest.fixture
def server(settings: Any) -> Iterator[LyingServer]:
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def posts(organisation: Any) -> list[Any]:
    """Three posts; the built-in audiences, that the last test's flush took away, are there again."""
    after_migrate(using="default")
    return [publish_post("gig", f"Klus {n}") for n in range(3)]


def make_members(n: int) -> list[Member]:
    """Joined members who agreed to gigs and are due now, in a few statements."""
    now = timezone.now()
    members = []
    for number in range(n):
        member = Member(
            given_name=f"Lid{number}", family_name="de Vries", email=f"lid{number}@thuis.example", is_freelancer=True,
            joined_at=now,
        )  # fmt: skip
        member.derive()
        members.append(member)
    members = Member.objects.bulk_create(members, batch_size=500)
    states = [
        ConsentState(member=m, purpose="gigs", state="given", event_seq=1, event_time=now, notice_version=1)
        for m in members
    ]
    ConsentState.objects.bulk_create(states, batch_size=500)
    Preference.objects.bulk_create([Preference(member=m, next_due=now) for m in members], batch_size=500)
    return members


def end_leases() -> None:
    """What a quarter of an hour does."""
    past = timezone.now() - dt.timedelta(seconds=1)
    Digest.objects.filter(lease_until__isnull=False).update(lease_until=past)
    Run.objects.filter(lease_until__isnull=False).update(lease_until=past)


def assert_all_is_well(
    members: list[Member], posts: list[Any], server: LyingServer, *, at_most_unconfirmed: int
) -> None:
    by_member = dict(Digest.objects.values_list("member__email", "state"))
    assert len(by_member) == Digest.objects.count() == len(members)
    states = Counter(by_member.values())
    assert set(states) <= {"handed_over", "unconfirmed"}, states
    assert states["unconfirmed"] <= at_most_unconfirmed
    taken = server.counts()
    assert set(taken.values()) == {1}
    message_ids = Counter(message.parsed["Message-ID"] for message in server.accepted)
    assert set(message_ids.values()) == {1}
    assert set(message_ids) <= set(Digest.objects.values_list("message_id", flat=True))
    # All that is settled was taken, and who is missing is shown.
    assert {email for email, state in by_member.items() if state == "handed_over"} <= set(taken)
    assert {email for email in by_member if email not in taken} <= {
        e for e, s in by_member.items() if s == "unconfirmed"
    }
    assert DigestItem.objects.count() == len(members) * len(posts)
    assert not Run.objects.exclude(state="done").exists()
    for post in posts:
        for run in Run.objects.filter(members_seen__gt=0):
            counts = dict(RunPost.objects.filter(run=run, post=post).values_list("outcome", "n"))
            assert sum(counts.values()) == len(members)
            assert counts.get("unconfirmed", 0) == states["unconfirmed"]
    assert not Preference.objects.filter(next_due__lte=timezone.now()).exists()


def _each_with_a_worker(places: list[Any], port: int) -> Iterator[tuple[Any, Worker]]:
    """Each place with the worker that dies there. The next one starts up meanwhile: most of its time is imports."""
    following = [Worker(LOOP, port=port, **SMALL, **place.values[0]) for place in places[:1]]
    try:
        for number, place in enumerate(places, start=1):
            worker = following.pop()
            following += [Worker(LOOP, port=port, **SMALL, **one.values[0]) for one in places[number : number + 1]]
            yield place, worker
    finally:
        for worker in following:
            worker.process.kill()


def test_a_run_of_2000_survives_a_kill_at_every_boundary(posts: list[Any], server: LyingServer) -> None:
    members = make_members(2000)
    lost = 0
    for place, worker in _each_with_a_worker(PLACES, server.port):
        worker.dies()
        unconfirmed = Digest.objects.filter(state="unconfirmed").count()
        end_leases()
        deliver.recover()
        more = Digest.objects.filter(state="unconfirmed").count() - unconfirmed
        assert more <= place.values[1], place.id
        lost += more
    assert Worker(LOOP, port=server.port, **SMALL).run() == 0
    assert lost > 0
    assert_all_is_well(members, posts, server, at_most_unconfirmed=lost)
    assert Run.objects.filter(members_seen__gt=0).count() == 1


def test_a_celery_worker_that_is_killed_is_followed_by_others(
    posts: list[Any], server: LyingServer, valkey_url: str
) -> None:
    members = make_members(300)
    worker = "tests.faults.digest_loop.celery_worker"
    environment = {**SMALL, "PLAN_CHUNK": "100", "BROKER_URL": valkey_url}
    beat = Celery(broker=valkey_url)
    lost = 0
    for where in (
        {"die_after": "notifications.digests.runs.advance", "call": 1},
        {"die_before": "notifications.mail.smtp.Wire._final_answer", "call": 30},
        {"die_before": "notifications.digests.deliver._settle", "call": 2},
    ):
        process = Worker(worker, port=server.port, **environment, **where).go()
        _sweep_until(beat, lambda process=process: process.process.poll() is not None)
        assert process.wait() == -signal.SIGKILL
        end_leases()
        deliver.recover()
        lost = Digest.objects.filter(state="unconfirmed").count()
    two = [Worker(worker, port=server.port, **environment).go() for _ in range(2)]
    _sweep_until(beat, lambda: Run.objects.filter(state="done").exists())
    for process in two:
        process.process.send_signal(signal.SIGTERM)
        process.wait()
    assert 0 < lost <= 40
    assert_all_is_well(members, posts, server, at_most_unconfirmed=lost)


def _sweep_until(beat: Celery, is_done: Any) -> None:
    """What beat does, more often."""
    ends = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < ends, "the worker does not get on"
        beat.send_task("notifications.digests.tasks.sweep")
        time.sleep(0.3)


def test_four_workers_share_a_run_and_each_digest_goes_once(posts: list[Any], server: LyingServer) -> None:
    members = make_members(400)
    workers = [Worker(LOOP, port=server.port, **SMALL) for _ in range(4)]
    for worker in workers:
        worker.go()
    assert [worker.wait() for worker in workers] == [0, 0, 0, 0]
    Worker(LOOP, port=server.port, **SMALL).run()
    assert_all_is_well(members, posts, server, at_most_unconfirmed=0)


def test_a_withdrawal_committed_during_a_run_stops_that_members_digest(
    transactional_ledger: None, make_member: Any, posts: list[Any], server: LyingServer, settings: Any
) -> None:
    settings.HAND_OFF_BATCH = 2
    members = [make_member(f"Lid{n}", consents=["gigs"], is_alumnus=True) for n in range(6)]
    runs.plan_all(runs.start())
    first_arrived, go_on = threading.Event(), threading.Event()
    honest = server.script.next

    def wait_at_the_first(step: str, to: str | None) -> str | None:
        if step == "dot" and not first_arrived.is_set():
            first_arrived.set()
            assert go_on.wait(30)
        return honest(step, to)

    server.script.next = wait_at_the_first  # type: ignore[method-assign]

    def work() -> None:
        deliver.hand_over_all()
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    assert first_arrived.wait(30)
    # The first sub-batch of two is on the wire; nothing is locked, and the withdrawal is committed at once.
    held = set(Digest.objects.filter(state="handing_over").values_list("member_id", flat=True))
    assert len(held) == 2
    victim = next(member for member in members if member.pk not in held)
    act = ledger.Act(method="rfc8058_one_click", channel="web", form_version="1", locale="nl")
    ledger.withdraw(member=victim, purposes=["gigs"], act=act)
    go_on.set()
    worker.join(30)
    assert Digest.objects.get(member=victim).state == "withheld"
    assert server.accepted_by(victim.email) == 0
    others = [member for member in members if member != victim]
    assert server.counts() == {member.email: 1 for member in others}


def test_two_planners_at_once_plan_each_member_once(posts: list[Any], settings: Any) -> None:
    settings.PLAN_CHUNK = 20
    members = make_members(200)
    both = [runs.start(), runs.start()]
    problems: list[BaseException] = []

    def plan(run: Run) -> None:
        try:
            runs.plan_all(run)
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=plan, args=[run]) for run in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert Digest.objects.count() == len(members)
    assert sum(Run.objects.values_list("members_seen", flat=True)) == len(members)
