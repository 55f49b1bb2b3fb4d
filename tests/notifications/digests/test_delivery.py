"""The wire lies, hangs up and refuses: nobody twice, nobody missed without a state."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from alumni.consent import suppression
from alumni.members.models import Member
from notifications.digests import deliver, runs
from notifications.digests.models import Digest, DigestItem, RunPost
from notifications.mail import claims
from tests.faults.smtp_server import HANG_UP, LyingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    settings.SMTP_TIMEOUT = 2
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def five(make_member, publish):
    members = [make_member(f"Lid{n}", consents=["gigs"]) for n in range(5)]
    publish("gig")
    runs.plan_all(runs.start())
    return members


def states():
    return dict(Digest.objects.order_by("pk").values_list("member__given_name", "state"))


def test_a_hang_up_after_the_final_dot_is_unconfirmed_and_never_sent_again(five, server) -> None:
    server.lie("dot", HANG_UP, to=five[1].email)
    deliver.hand_over_all()
    assert states() == {"Lid0": "handed_over", "Lid1": "unconfirmed", **{f"Lid{n}": "handed_over" for n in (2, 3, 4)}}
    for later in (dt.timedelta(minutes=2), dt.timedelta(hours=4), dt.timedelta(days=2)):
        with time_machine.travel(timezone.now() + later):
            deliver.recover()
            deliver.hand_over_all()
    assert max(server.counts().values()) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_a_no_for_now_is_tried_again_after_a_minute_then_five_then_thirty_then_three_hours(five, server, step) -> None:
    server.lie(
        step, "451 4.3.0 try again", to=five[0].email if step != "mail" else None, times=1 if step == "mail" else 99
    )
    deliver.hand_over_all()
    waiting = Digest.objects.get(state="planned")
    assert (waiting.attempts, waiting.reply) == (1, "451 4.3.0 try again")
    assert dt.timedelta(seconds=50) < waiting.retry_at - timezone.now() <= dt.timedelta(minutes=1)
    if step == "mail":
        return
    waits = [dt.timedelta(minutes=5), dt.timedelta(minutes=30), dt.timedelta(hours=3)]
    for wait in waits:
        assert deliver.hand_over_all() == 0  # not before its time
        with time_machine.travel(waiting.retry_at + dt.timedelta(seconds=1), tick=False):
            deliver.hand_over_all()
            waiting.refresh_from_db()
            assert waiting.retry_at - timezone.now() == wait
    with time_machine.travel(waiting.retry_at + dt.timedelta(seconds=1), tick=False):
        deliver.hand_over_all()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.retry_at) == ("failed", None)
    assert server.accepted_by(five[0].email) == 0
    assert sum(server.counts().values()) == 4


def test_a_mended_server_gets_what_waited_once(five, server) -> None:
    server.lie("rcpt", "450 4.2.0 greylisted", times=5)
    deliver.hand_over_all()
    assert set(states().values()) == {"planned"}
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        deliver.hand_over_all()
    assert set(states().values()) == {"handed_over"}
    assert server.counts() == {member.email: 1 for member in five}


@pytest.mark.parametrize(
    ("answer", "state", "is_suppressed"),
    [
        ("550 5.1.1 no such user", "bounced", True),
        ("550 5.2.1 mailbox disabled", "bounced", True),
        ("552 5.2.2 mailbox full", "failed", False),
        ("550 5.7.515 sender not authenticated", "failed", False),
        ("554 nothing more to say", "failed", False),
    ],
)
def test_a_no_for_good_ends_it_and_a_dead_address_gets_no_more_mail(five, server, answer, state, is_suppressed) -> None:
    server.lie("rcpt", answer, to=five[2].email)
    deliver.hand_over_all()
    digest = Digest.objects.get(member=five[2])
    assert (digest.state, digest.reply) == (state, answer)
    assert (Member.objects.get(pk=five[2].pk).undeliverable_at is not None) is is_suppressed
    assert suppression.is_suppressed(five[2].email) is is_suppressed
    assert sum(server.counts().values()) == 4


def test_a_server_that_is_away_costs_nobody_an_attempt(five, settings) -> None:
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_TIMEOUT = "127.0.0.1", 1, 1
    deliver.hand_over_all()
    assert set(Digest.objects.values_list("state", "attempts", "lease")) == {("planned", 0, None)}


def test_a_server_that_closes_down_halfway_leaves_the_rest_untried(five, server) -> None:
    server.lie("rcpt", "421 4.3.2 closing", to=five[2].email, times=2)
    deliver.hand_over_all()
    assert sorted(states().values()) == ["handed_over", "handed_over", "planned", "planned", "planned"]
    assert sorted(Digest.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        deliver.hand_over_all()
    assert server.counts() == {member.email: 1 for member in five}


def test_a_dead_worker_leaves_claimed_ones_waiting_and_those_on_the_wire_unconfirmed(five, server) -> None:
    rows = claims.claim(Digest.objects.all(), limit=4, at=timezone.now())
    claims.hand_over(rows[:2], at=timezone.now())
    deliver.recover()
    assert sorted(states().values()) == ["claimed", "claimed", "handing_over", "handing_over", "planned"]
    with time_machine.travel(timezone.now() + deliver.LEASE + dt.timedelta(seconds=1)):
        deliver.recover()
        assert sorted(states().values()) == ["planned", "planned", "planned", "unconfirmed", "unconfirmed"]
        deliver.hand_over_all()
    assert sorted(server.counts().values()) == [1, 1, 1]


def test_a_worker_that_was_only_slow_still_settles_what_was_meanwhile_unconfirmed(five, server) -> None:
    rows = claims.claim(Digest.objects.all(), limit=1, at=timezone.now())
    claims.hand_over(rows, at=timezone.now())
    with time_machine.travel(timezone.now() + deliver.LEASE + dt.timedelta(seconds=1)):
        deliver.recover()
    assert Digest.objects.get(pk=rows[0].pk).state == "unconfirmed"
    assert claims.settle(rows, state="handed_over") == 1
    assert Digest.objects.get(pk=rows[0].pk).state == "handed_over"


def test_two_workers_never_hold_the_same_digest(five) -> None:
    first = claims.claim(Digest.objects.all(), limit=3, at=timezone.now())
    second = claims.claim(Digest.objects.all(), limit=3, at=timezone.now())
    assert (len(first), len(second)) == (3, 2)
    assert not {row.pk for row in first} & {row.pk for row in second}


def test_a_slow_server_gets_no_message_that_the_lease_might_not_outlast(five, server, monkeypatch, settings) -> None:
    settings.HAND_OFF_BATCH = 5
    monkeypatch.setattr(deliver, "MARGIN", deliver.LEASE)
    assert deliver.hand_over_all() == 5 + 4 + 3 + 2 + 1
    assert server.counts() == {member.email: 1 for member in five}
    assert set(Digest.objects.values_list("attempts", flat=True)) == {0}


def test_the_counts_say_where_each_ended(five, server) -> None:
    server.lie("dot", HANG_UP, to=five[0].email)
    server.lie("rcpt", "550 5.1.1 no such user", to=five[1].email)
    server.lie("rcpt", "554 no", to=five[2].email)
    Member.objects.filter(pk=five[3].pk).update(paused_until="2099-01-01")
    deliver.hand_over_all()
    assert runs.finish_ended() == 1
    counts = dict(RunPost.objects.values_list("outcome", "n"))
    assert counts == {"unconfirmed": 1, "bounced": 1, "failed": 1, "withheld": 1, "handed_over": 1}
    assert DigestItem.objects.filter(outcome="withheld").count() == 1


def test_a_run_is_not_done_while_a_digest_waits_for_its_next_try(five, server) -> None:
    server.lie("rcpt", "450 4.2.0 greylisted", to=five[0].email)
    deliver.hand_over_all()
    assert runs.finish_ended() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=2)):
        deliver.hand_over_all()
        assert runs.finish_ended() == 1
    assert dict(RunPost.objects.values_list("outcome", "n")) == {"handed_over": 5}


def test_the_log_names_no_address(five, server, caplog) -> None:
    server.lie("rcpt", f"550 5.1.1 <{five[0].email}> no such user", to=five[0].email)
    with caplog.at_level("INFO"):
        deliver.hand_over_all()
    assert "thuis.example" not in caplog.text
    assert not Digest.objects.filter(reply__contains="thuis.example").exists()
