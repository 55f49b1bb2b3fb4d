"""A worker takes each service mail to its end, and tells the mail server's moods apart."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from alumni.accounts.models import Organisation, User
from alumni.accounts.service_mail import queue
from alumni.consent import suppression
from alumni.members.models import Member
from notifications.mail import outbox, smtp
from notifications.mail.models import ServiceMail
from tests.faults.smtp_server import HANG_UP, SILENCE, LyingServer

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mail(organisation: Organisation) -> Callable[..., ServiceMail]:
    """Queues a mail and returns its row."""

    def make(**changes: Any) -> ServiceMail:
        queue(**({"kind": "opt_in", "to": "eva@elders.example", "subject": "Onderwerp", "text": "Dag"} | changes))
        return ServiceMail.objects.latest("pk")

    return make


def _is_blank(row: ServiceMail) -> bool:
    return row.to == "" and bytes(row.body) == b""


def test_what_is_planned_is_handed_over_and_blanked(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    row = mail()
    body = bytes(row.body)
    outbox.deliver()
    row.refresh_from_db()
    assert (row.state, row.reply, row.settled_at) == ("handed_over", "250 2.0.0 queued as 4711", NOW)
    assert _is_blank(row)
    received = server.accepted[0]
    assert (received.mail_from, received.to, received.data) == ("netwerk@maasveld.example", "eva@elders.example", body)


def test_delivering_again_sends_nothing_more(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    mail()
    outbox.deliver()
    outbox.deliver()
    outbox.recover()
    outbox.deliver()
    assert server.accepted_by("eva@elders.example") == 1


def test_many_mails_go_over_one_connection(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    for number in range(outbox.CLAIM + 3):
        mail(to=f"lid{number}@thuis.example")
    assert outbox.deliver() == outbox.CLAIM + 3
    assert set(server.counts().values()) == {1} and len(server.accepted) == outbox.CLAIM + 3
    assert server.connections == 1


def test_lines_that_begin_with_a_dot_arrive_unharmed(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    row = mail(text=".\n\n..twee\n\n.een")
    body = bytes(row.body)
    assert b"\r\n." in body
    outbox.deliver()
    assert server.accepted[0].data == body


@pytest.mark.parametrize(("step", "code"), [("mail", 451), ("rcpt", 450), ("data", 452), ("dot", 451), ("dot", 421)])
def test_a_temporary_refusal_waits_for_its_next_attempt(
    mail: Callable[..., ServiceMail], server: LyingServer, clock: Any, step: str, code: int
) -> None:
    row = mail()
    server.lie(step, f"{code} 4.3.0 try <eva@elders.example> later")
    outbox.deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts, row.retry_at) == ("planned", 1, NOW + dt.timedelta(minutes=1))
    assert row.reply == f"{code} 4.3.0 try <***> later"
    outbox.deliver()
    assert not server.accepted
    clock.shift(dt.timedelta(minutes=1))
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "handed_over" and server.accepted_by("eva@elders.example") == 1


def test_after_the_last_attempt_a_mail_has_failed(
    mail: Callable[..., ServiceMail], server: LyingServer, clock: Any
) -> None:
    row = mail()
    server.lie("rcpt", "450 4.2.1 busy", times=100)
    waits = []
    for _attempt in range(5):
        outbox.deliver()
        row.refresh_from_db()
        if row.state == "planned":
            waits.append(row.retry_at - dt.datetime.now(dt.UTC))
            clock.move_to(row.retry_at)
    assert [wait.total_seconds() / 60 for wait in waits] == [1, 5, 30, 180]
    assert row.state == "failed" and _is_blank(row) and not server.accepted


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_a_permanent_refusal_ends_it_and_the_next_mail_still_goes(
    mail: Callable[..., ServiceMail], server: LyingServer, step: str
) -> None:
    refused, fine = mail(), mail(to="fien@elders.example")
    server.lie(step, "554 5.7.1 not here")
    outbox.deliver()
    refused.refresh_from_db()
    fine.refresh_from_db()
    assert (refused.state, refused.reply) == ("failed", "554 5.7.1 not here")
    assert _is_blank(refused)
    assert fine.state == "handed_over"
    assert server.counts() == {"fien@elders.example": 1}


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("lie", ["421 4.3.2 closing", HANG_UP, SILENCE])
def test_a_line_that_breaks_before_the_final_dot_is_tried_again(
    mail: Callable[..., ServiceMail], server: LyingServer, clock: Any, step: str, lie: str, settings: Any
) -> None:
    settings.SMTP_TIMEOUT = 0.2
    row = mail()
    server.lie(step, lie)
    outbox.deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("planned", 1)
    server.be_honest()
    settings.SMTP_TIMEOUT = 20
    clock.shift(dt.timedelta(minutes=1))
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "handed_over" and server.accepted_by("eva@elders.example") == 1


@pytest.mark.parametrize("lie", [HANG_UP, SILENCE, "250-never ends", "gibberish"])
def test_a_line_that_breaks_after_the_final_dot_leaves_it_unconfirmed_for_good(
    mail: Callable[..., ServiceMail], server: LyingServer, clock: Any, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "FINAL_ANSWER_PATIENCE", 0.01)
    row = mail()
    server.lie("dot", lie)
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "unconfirmed" and _is_blank(row)
    clock.shift(dt.timedelta(days=2))
    outbox.recover()
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "unconfirmed" and len(server.received) == 1


def test_a_server_that_closed_the_kept_connection_is_called_again_at_once(
    mail: Callable[..., ServiceMail], server: LyingServer
) -> None:
    mail()
    mail(to="fien@elders.example")
    server.lie("mail", "250 ok")
    server.lie("mail", "421 4.4.2 you were idle")
    outbox.deliver()
    assert server.counts() == {"eva@elders.example": 1, "fien@elders.example": 1}
    assert server.connections == 2


@pytest.mark.parametrize(
    ("step", "lie"), [("connect", "554 5.3.2 no"), ("connect", HANG_UP), ("ehlo", "421 4.3.2 busy")]
)
def test_while_the_server_is_away_only_one_mail_counts_an_attempt(
    mail: Callable[..., ServiceMail], server: LyingServer, step: str, lie: str
) -> None:
    first, second = mail(), mail(to="fien@elders.example")
    server.lie(step, lie, times=100)
    outbox.deliver()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.attempts) == ("planned", 1)
    assert (second.state, second.attempts, second.lease) == ("planned", 0, None)


def test_a_wrong_password_fails_no_mail(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    row = mail()
    server.lie("mail", "530 5.7.0 authentication required")
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "planned"


def test_nobody_listening_is_no_error(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    row = mail()
    server.stop()
    outbox.deliver()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("planned", 1)


def test_an_unknown_address_costs_a_row_that_is_thrown_away(
    mail: Callable[..., ServiceMail], server: LyingServer
) -> None:
    row = mail(kind="none")
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "discarded" and _is_blank(row) and not server.received


def test_without_a_postal_address_only_staff_mail_leaves(mail: Callable[..., ServiceMail], server: LyingServer) -> None:
    code, opt_in = mail(kind="staff_login_code", to="joost@maasveld.example"), mail()
    Organisation.objects.update(city="")
    outbox.deliver()
    code.refresh_from_db()
    opt_in.refresh_from_db()
    assert code.state == "handed_over"
    assert (opt_in.state, opt_in.reply) == ("withheld", "company_incomplete") and _is_blank(opt_in)
    assert server.counts() == {"joost@maasveld.example": 1}


def test_an_invitation_to_a_suppressed_address_is_withheld_but_an_answer_is_not(
    mail: Callable[..., ServiceMail], server: LyingServer
) -> None:
    invitation, answer = mail(kind="invitation"), mail(kind="opt_in")
    suppression.suppress(email="EVA@elders.example", reason="objected")
    outbox.deliver()
    invitation.refresh_from_db()
    answer.refresh_from_db()
    assert (invitation.state, invitation.reply) == ("withheld", "suppressed")
    assert answer.state == "handed_over" and len(server.accepted) == 1


def test_an_address_that_does_not_exist_gets_no_more_mail(
    mail: Callable[..., ServiceMail], server: LyingServer, alice: Member
) -> None:
    ServiceMail.objects.all().delete()
    first = mail(kind="receipt", to=alice.email, member_id=alice.pk)
    server.lie("rcpt", "550 5.1.1 no such user")
    outbox.deliver()
    first.refresh_from_db()
    alice.refresh_from_db()
    assert first.state == "failed"
    assert alice.undeliverable_at == NOW and suppression.is_suppressed(alice.email)
    second = mail(kind="receipt", to=alice.email, member_id=alice.pk)
    outbox.deliver()
    second.refresh_from_db()
    assert (second.state, second.reply) == ("withheld", "undeliverable") and not server.accepted


@pytest.mark.parametrize("answer", ["550 5.7.1 spam", "552 5.2.2 mailbox full", "550 go away"])
def test_a_refusal_that_is_not_about_the_address_suppresses_nobody(
    mail: Callable[..., ServiceMail], server: LyingServer, alice: Member, answer: str
) -> None:
    ServiceMail.objects.all().delete()
    mail(kind="receipt", to=alice.email, member_id=alice.pk)
    server.lie("rcpt", answer)
    outbox.deliver()
    alice.refresh_from_db()
    assert alice.undeliverable_at is None and not suppression.is_suppressed(alice.email)


def test_a_refusal_of_an_old_address_does_not_touch_the_new_one(
    mail: Callable[..., ServiceMail], server: LyingServer, alice: Member
) -> None:
    ServiceMail.objects.all().delete()
    mail(kind="address_change", to="oud@thuis.example", member_id=alice.pk)
    server.lie("rcpt", "550 5.1.1 no such user")
    outbox.deliver()
    alice.refresh_from_db()
    assert alice.undeliverable_at is None and not suppression.is_suppressed(alice.email)


def test_one_mail_that_breaks_does_not_hold_up_the_rest(
    mail: Callable[..., ServiceMail], server: LyingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = mail(), mail(to="fien@elders.example")
    monkeypatch.setattr(outbox, "why_not", lambda row, _organisation, at: None if row.pk == fine.pk else 1 / 0)
    outbox.deliver()
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == ("planned", 1)
    assert server.counts() == {"fien@elders.example": 1}


def test_a_mail_that_breaks_on_the_wire_is_not_sent_again(
    mail: Callable[..., ServiceMail], server: LyingServer, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    row = mail()
    monkeypatch.setattr(smtp.Wire, "_final_answer", lambda self, server: 1 / 0)
    outbox.deliver()
    clock.shift(dt.timedelta(hours=1))
    outbox.recover()
    outbox.deliver()
    row.refresh_from_db()
    assert row.state == "unconfirmed" and server.accepted_by("eva@elders.example") == 1


def test_staff_mail_needs_nothing_of_the_gate(
    mail: Callable[..., ServiceMail], server: LyingServer, approver: User
) -> None:
    mail(kind="review_requested", to=approver.email, user=approver)
    outbox.deliver()
    assert server.counts() == {approver.email: 1}
