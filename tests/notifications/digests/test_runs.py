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
from notifications.digests.models import Digest, DigestItem, Preference, Run, RunPost
from tests.faults.smtp_server import LyingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


def run_now(**options):
    run = runs.start(**options)
    assert runs.plan_all(run)
    deliver.hand_over_all()
    runs.finish_ended()
    run.refresh_from_db()
    return run


def act():
    return ledger.Act(method="rfc8058_one_click", channel="web", form_version="1", locale="nl")


def outcomes(run, post):
    return dict(RunPost.objects.filter(run=run, post=post).values_list("outcome", "n"))


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


def test_withdrawal_between_planning_and_hand_over_stops_the_digest(alice, publish, server) -> None:
    post = publish()
    run = runs.start()
    runs.plan_all(run)
    ledger.withdraw(member=alice, purposes=["gigs"], act=act())
    deliver.hand_over_all()
    runs.finish_ended()
    digest = Digest.objects.get()
    assert (digest.state, digest.reply, digest.attempts) == ("withheld", "withdrawn", 0)
    assert DigestItem.objects.get().outcome == "withheld"
    assert server.received == []
    assert outcomes(run, post) == {"withheld": 1}


def test_withdrawing_one_purpose_sends_the_rest(alice, publish, server) -> None:
    gig, vacancy = publish("gig", "Geheime klus"), publish("vacancy", "Teamleider data")
    runs.plan_all(runs.start())
    ledger.withdraw(member=alice, purposes=["gigs"], act=act())
    deliver.hand_over_all()
    assert dict(DigestItem.objects.values_list("post_id", "outcome")) == {gig.pk: "withheld", vacancy.pk: None}
    assert Digest.objects.get().state == "handed_over"
    text = server.accepted[0].parsed.as_string()
    assert "Geheime klus" not in text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"paused_until": dt.date(2099, 1, 1)}, "paused"),
        ({"restricted_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "restricted"),
        ({"left_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "left"),
        ({"undeliverable_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "undeliverable"),
    ],
)
def test_whatever_the_gate_says_at_hand_over_holds(alice, publish, server, change, reason) -> None:
    publish()
    runs.plan_all(runs.start())
    type(alice).objects.filter(pk=alice.pk).update(**change)
    deliver.hand_over_all()
    digest = Digest.objects.get()
    assert (digest.state, digest.reply) == ("withheld", reason)
    assert server.received == []


def test_a_post_closed_after_planning_leaves_the_digests_at_once(alice, carol, publish, server) -> None:
    from notifications.posts.signals import post_closed

    gig, vacancy = publish("gig"), publish("vacancy")
    runs.plan_all(runs.start())
    gig.state, gig.closed_at = "closed", timezone.now()
    gig.save()
    post_closed.send(sender=type(gig), post_id=gig.pk)
    assert Digest.objects.get(member=carol).state == "closed"
    deliver.hand_over_all()
    assert server.counts() == {alice.email: 1}
    assert set(DigestItem.objects.filter(post=gig).values_list("outcome", flat=True)) == {"closed"}
    assert DigestItem.objects.get(post=vacancy).outcome is None


def test_a_post_closed_while_a_worker_holds_the_digest_is_left_out_as_well(alice, publish, server, settings) -> None:
    gig, _vacancy = publish("gig", "Gesloten klus"), publish("vacancy")
    runs.plan_all(runs.start())
    type(gig).objects.filter(pk=gig.pk).update(state="closed", closed_at=timezone.now())  # no receiver ran
    deliver.hand_over_all()
    assert DigestItem.objects.get(post=gig).outcome == "closed"
    assert "Gesloten klus" not in server.accepted[0].parsed.as_string()


def test_an_edited_post_goes_out_in_its_newest_approved_version(alice, publish, server) -> None:
    from notifications.posts.models import PostText, PostVersion

    post = publish("update", "Oude titel")
    runs.plan_all(runs.start())
    newer = PostVersion.objects.create(post=post, number=2, approved_at=timezone.now(), sha256="1" * 64)
    PostText.objects.create(version=newer, language="nl", title="Nieuwe titel", why="Daarom.")
    type(post).objects.filter(pk=post.pk).update(current_version=newer)
    deliver.hand_over_all()
    assert DigestItem.objects.get().version_id == newer.pk
    assert server.accepted[0].parsed["Subject"] == "Nieuwe titel"


def test_a_post_that_cannot_be_rendered_is_set_aside_and_the_others_go(alice, carol, publish, server) -> None:
    from notifications.posts.models import PostText

    broken, fine = publish("gig", "Kapot"), publish("vacancy", "Heel")
    PostText.objects.filter(version=broken.current_version).delete()
    run = run_now()
    assert set(DigestItem.objects.filter(post=broken).values_list("outcome", flat=True)) == {"set_aside"}
    assert Digest.objects.get(member=alice).state == "handed_over"
    assert Digest.objects.get(member=carol).state == "set_aside"
    assert outcomes(run, broken) == {"set_aside": 2}
    assert outcomes(run, fine) == {"handed_over": 1, "refused": 1}


def test_a_member_whose_row_no_form_would_have_let_in_is_set_aside_and_the_others_go(
    alice, carol, publish, server
) -> None:
    publish("gig")
    type(carol).objects.filter(pk=carol.pk).update(email="carol@thuis.example\r\nBcc: all@thuis.example")
    run_now()
    assert Digest.objects.get(member=carol).state == "set_aside"
    assert server.counts() == {alice.email: 1}


def test_matching_switched_off_after_planning_takes_the_profile_out_of_the_reasons(alice, publish, server) -> None:
    publish("gig", "Python-klus", required=["Python"])
    runs.plan_all(runs.start())
    assert DigestItem.objects.get().reason["code"] == "match"
    ledger.withdraw(member=alice, purposes=["matching"], act=act())
    deliver.hand_over_all()
    assert DigestItem.objects.get().reason == {"code": "purpose", "purpose": "gigs"}
    assert "Python en" not in server.accepted[0].parsed.as_string()
    assert Digest.objects.get().state == "handed_over"


def test_a_changed_address_is_used_in_envelope_and_header(alice, publish, server, monkeypatch) -> None:
    from notifications.digests import handoff

    publish()
    runs.plan_all(runs.start())
    compose = handoff.compose

    def change_address_meanwhile(parcels, composer):
        done = compose(parcels, composer)
        alice.email = "nieuw@thuis.example"
        alice.save()
        return done

    monkeypatch.setattr(handoff, "compose", change_address_meanwhile)
    deliver.hand_over_all()
    assert server.counts() == {"nieuw@thuis.example": 1}
    assert "nieuw@thuis.example" in server.accepted[0].parsed["To"]


def test_nothing_leaves_without_a_postal_address(alice, organisation, publish, server) -> None:
    publish()
    runs.plan_all(runs.start())
    organisation.street = ""
    organisation.save()
    assert deliver.hand_over_all() == 0
    assert Digest.objects.get().state == "planned"
    tasks.sweep()
    assert Run.objects.count() == 1


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
