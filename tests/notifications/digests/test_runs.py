"""From being due to a settled row: planning, hand-over, the counts."""

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alumni.consent import ledger
from notifications.digests import deliver, plan, runs, tasks
from notifications.digests.models import Digest, DigestItem, Preference, Run
from tests.notifications.digests.running import outcomes, run_now

pytestmark = pytest.mark.django_db


def test_a_run_takes_each_member_what_they_agreed_to_and_nothing_else(alice, bob, carol, publish, server) -> None:
    gig = publish("gig", "Python-klus", required=["Python"])
    vacancy = publish("vacancy", "Teamleider data")
    news = publish("update", "Eén kantoor", audience="alumni")
    run = run_now()
    assert server.counts() == {alice.email: 1, carol.email: 1}
    assert set(DigestItem.objects.filter(member=alice).values_list("post_id", flat=True)) == {
        gig.pk,
        vacancy.pk,
        news.pk,
    }
    assert set(DigestItem.objects.filter(member=carol).values_list("post_id", flat=True)) == {gig.pk}
    assert not DigestItem.objects.filter(member=bob).exists()
    assert run.state == "done"
    assert (run.members_seen, run.empty) == (2, 0)
    assert outcomes(run, gig) == {"handed_over": 2, "no_consent": 1}
    assert outcomes(run, vacancy) == {"handed_over": 1, "refused": 1, "no_consent": 1}
    assert outcomes(run, news) == {"handed_over": 1, "no_consent": 1}


def test_each_handed_over_digest_names_the_place_in_the_ledger(alice, publish, server) -> None:
    publish()
    run_now()
    digest = Digest.objects.get()
    assert digest.state == "handed_over"
    assert digest.consent_seq == ledger.head().seq
    assert digest.reply == "250 2.0.0 queued as 4711"
    assert digest.handed_over_at is not None
    assert len(digest.body_sha256) == 64


def test_a_post_reaches_a_member_once_ever(alice, publish, server) -> None:
    post = publish()
    run_now()
    again = run_now(everybody=True)
    Preference.objects.update(next_due=timezone.now())
    a_week_later = run_now()
    assert server.counts() == {alice.email: 1}
    assert (again.members_seen, a_week_later.members_seen, a_week_later.empty) == (0, 1, 1)
    assert outcomes(a_week_later, post) == {"had_it": 1}


def test_nothing_new_is_no_digest_but_the_due_time_moves(alice, server) -> None:
    run = run_now()
    assert (run.members_seen, run.empty, Digest.objects.count()) == (1, 1, 0)
    assert Preference.objects.get().next_due > timezone.now()
    assert server.accepted == []


def test_a_full_digest_takes_the_ten_best_and_the_rest_waits_for_the_next(alice, publish, server) -> None:
    plain = [publish("vacancy", f"Vacature {n}") for n in range(12)]
    best = publish("gig", "Python", required=["Python"], age=dt.timedelta(days=9))
    first = run_now()
    items = list(DigestItem.objects.order_by("rank").values_list("post_id", "rank"))
    assert items[0] == (best.pk, 1)
    assert [rank for _post, rank in items] == list(range(1, 11))
    # Equal ones: the newest first.
    assert {post for post, _rank in items[1:]} == {post.pk for post in plain[3:]}
    assert outcomes(first, plain[0]) == {"digest_full": 1}
    with time_machine.travel(Preference.objects.get().next_due + dt.timedelta(minutes=1), tick=True):
        run_now()
    assert DigestItem.objects.count() == 13
    assert server.counts() == {alice.email: 2}


def test_a_member_who_is_not_due_waits_and_everybody_brings_them_forward(alice, publish, server, settings) -> None:
    post = publish()
    later = timezone.now() + dt.timedelta(days=3)
    Preference.objects.update(next_due=later)
    run = run_now()
    assert outcomes(run, post) == {"not_due": 1}
    assert server.accepted == []
    assert outcomes(run_now(everybody=True), post) == {"handed_over": 1}


def test_everybody_keeps_the_promise_of_one_a_week(alice, publish, server) -> None:
    publish()
    run_now()
    second = publish(title="Nog een")
    assert outcomes(run_now(everybody=True), second) == {"not_due": 1}
    assert server.counts() == {alice.email: 1}


def test_a_dry_run_counts_the_same_and_changes_nothing(alice, bob, carol, publish, server) -> None:
    gig = publish("gig", "Klus")
    due = list(Preference.objects.order_by("pk").values_list("next_due", flat=True))
    dry = run_now(dry_run=True)
    assert dry.state == "dry_run"
    assert dry.counts == {"digests": 2, "items": 2}
    assert outcomes(dry, gig) == {"planned": 2, "no_consent": 1}
    assert Digest.objects.count() == 0
    assert list(Preference.objects.order_by("pk").values_list("next_due", flat=True)) == due
    assert server.accepted == []


def test_a_dry_run_goes_through_all_its_chunks(make_member, publish, settings) -> None:
    settings.PLAN_CHUNK = 2
    for n in range(7):
        make_member(f"Lid{n}", consents=["gigs"])
    publish()
    run = runs.start(dry_run=True)
    assert runs.plan_all(run)
    assert (run.members_seen, run.counts["digests"]) == (7, 7)


def test_without_matching_the_same_items_come_newest_first(carol, publish, server) -> None:
    old = publish("gig", "Oud", age=dt.timedelta(days=3))
    new = publish("gig", "Nieuw", age=dt.timedelta(hours=3))
    run_now()
    items = DigestItem.objects.order_by("rank")
    assert [item.post_id for item in items] == [new.pk, old.pk]
    assert {item.reason["code"] for item in items} == {"purpose"}


def test_the_sweep_starts_a_run_when_somebody_is_due_and_only_then(alice, publish, server) -> None:
    publish()
    tasks.sweep.apply()
    assert Run.objects.count() == 1
    run = Run.objects.get()
    tasks.sweep.apply()
    assert Run.objects.count() == 1  # one at a time
    tasks.plan.apply(args=[run.pk])
    tasks.hand_over.apply()
    tasks.sweep.apply()
    run.refresh_from_db()
    assert (run.state, Run.objects.count()) == ("done", 1)
    assert server.counts() == {alice.email: 1}


def test_a_run_that_is_gone_is_a_logged_no_op(organisation) -> None:
    tasks.plan.apply(args=[4711]).get()
    assert Run.objects.count() == 0


def test_another_worker_does_not_plan_a_run_that_is_held(alice, publish) -> None:
    publish()
    run = runs.start()
    assert runs._lease(run)
    assert not runs.plan_all(Run.objects.get())
    assert Digest.objects.count() == 0


def test_a_dead_workers_run_is_taken_up_when_its_lease_ends(alice, publish) -> None:
    publish()
    run = runs.start()
    runs._lease(run)
    with time_machine.travel(timezone.now() + runs.LEASE + dt.timedelta(seconds=1)):
        assert runs.take_up(at=timezone.now()) == [run]
        assert runs.plan_all(Run.objects.get())
    assert Digest.objects.count() == 1


def test_two_runs_that_meet_on_a_member_make_one_digest(alice, publish, monkeypatch) -> None:
    publish()
    first, second = runs.start(), runs.start()
    decide = plan.decide

    def while_the_other_plans(*args, **kwargs):
        chunk = decide(*args, **kwargs)
        monkeypatch.setattr(plan, "decide", decide)
        assert runs.plan_all(first)
        return chunk

    monkeypatch.setattr(plan, "decide", while_the_other_plans)
    assert runs.plan_all(second)
    assert Digest.objects.count() == 1
    assert [run.members_seen for run in Run.objects.order_by("pk")] == [1, 0]


def test_the_number_of_queries_does_not_grow_with_the_chunk(make_member, publish, server) -> None:
    def queries_for(n):
        for number in range(n):
            make_member(f"Lid{n}x{number}", consents=["gigs", "matching"], skills=["Python"])
        run = runs.start()
        with CaptureQueriesContext(
            connection,
        ) as planning:
            runs.plan_all(run)
        with CaptureQueriesContext(connection) as handing:
            deliver.hand_over_all()
        return len(planning), len(handing)

    publish("gig", required=["Python"])
    assert queries_for(2) == queries_for(15)
    assert len(server.accepted) == 17


def test_the_command_runs_by_itself_and_says_what_it_did(alice, bob, publish, server, capsys) -> None:
    publish()
    call_command("run_digests", "--dry-run")
    assert "1 digests with 1 posts would go out" in capsys.readouterr().out
    assert server.accepted == []
    call_command("run_digests", "--now")
    said = capsys.readouterr().out
    assert "1 members were due" in said
    assert server.counts() == {alice.email: 1}


def test_a_serialization_failure_at_the_last_asking_costs_nobody_anything(alice, publish, server, monkeypatch) -> None:
    from django.db import OperationalError

    from notifications.digests import handoff

    publish()
    runs.plan_all(runs.start())
    verdicts, failures = handoff.gate.verdicts, [OperationalError("could not serialize access")]

    def once(**kwargs):
        if failures:
            raise failures.pop()
        return verdicts(**kwargs)

    monkeypatch.setattr(handoff.gate, "verdicts", once)
    deliver.hand_over_all()
    digest = Digest.objects.get()
    assert (digest.state, digest.attempts) == ("handed_over", 0)
    assert server.counts() == {alice.email: 1}


def test_a_chunk_that_fails_over_and_over_is_an_error_and_plans_nothing(alice, publish, monkeypatch) -> None:
    from django.db import IntegrityError

    publish()
    run = runs.start()

    def never(*_args, **_kwargs):
        raise IntegrityError("this is no race")

    monkeypatch.setattr(plan, "write", never)
    with pytest.raises(IntegrityError):
        runs.plan_all(run)
    run.refresh_from_db()
    assert (run.state, run.members_seen, Digest.objects.count()) == ("planning", 0, 0)
    assert Preference.objects.get().next_due <= timezone.now()


def test_an_item_that_was_had_meanwhile_rolls_the_chunk_back_and_is_left_out(
    alice, publish, monkeypatch, server
) -> None:
    first, second = publish("gig"), publish("vacancy")
    run, other = runs.start(), Run.objects.create(due_at=timezone.now(), state="done")
    decide = plan.decide

    def had_meanwhile(*args, **kwargs):
        chunk = decide(*args, **kwargs)
        monkeypatch.setattr(plan, "decide", decide)
        digest = Digest.objects.create(
            run=other, member=alice, language="nl", due_at=timezone.now(), message_id="<x@y>", state="handed_over"
        )
        DigestItem.objects.create(member=alice, post=first, digest=digest, version=first.current_version, rank=1)
        return chunk

    monkeypatch.setattr(plan, "decide", had_meanwhile)
    runs.plan_all(run)
    assert list(DigestItem.objects.filter(digest__run=run).values_list("post_id", flat=True)) == [second.pk]
    assert outcomes(run, first) == {"had_it": 1}
