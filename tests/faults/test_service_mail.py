"""kill -9 of a worker between any two states: no service mail goes twice, none is dropped in silence."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from alumni.accounts.models import Organisation
from alumni.accounts.service_mail import queue
from notifications.mail import tasks
from notifications.mail.models import ServiceMail
from tests.faults.smtp_server import LyingServer
from tests.faults.workers import Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

DELIVER = "notifications.mail.outbox.deliver"
CLAIM = "notifications.mail.claims.claim"
HAND_OVER = "notifications.mail.claims.hand_over"
SEND = "notifications.mail.smtp.Wire.send"
FINAL_ANSWER = "notifications.mail.smtp.Wire._final_answer"
SETTLE = "notifications.mail.claims.settle"
MAILS = 5


@pytest.fixture
def server(settings: Any) -> Iterator[LyingServer]:
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def waiting(organisation: Organisation) -> list[str]:
    """Five mails in the outbox; the addresses, first in first."""
    addresses = [f"lid{n}@thuis.example" for n in range(MAILS)]
    for address in addresses:
        queue(kind="opt_in", to=address, subject="Bevestig je aanmelding", text="Dag")
    return addresses


def _states() -> Counter[str]:
    return Counter(ServiceMail.objects.values_list("state", flat=True))


def _end_leases() -> None:
    ServiceMail.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


@pytest.mark.parametrize(
    ("place", "on_the_wire"),
    [
        pytest.param({"die_before": CLAIM}, False, id="before-the-claim"),
        pytest.param({"die_after": CLAIM}, False, id="claimed"),
        pytest.param({"die_before": HAND_OVER, "call": 2}, False, id="second-one-still-claimed"),
        pytest.param({"die_after": HAND_OVER, "call": 2}, True, id="marked-but-not-sent"),
        pytest.param({"die_mid_data": True, "call": 2}, True, id="half-of-the-data"),
        pytest.param({"die_before": FINAL_ANSWER, "call": 2}, True, id="after-the-final-dot"),
        pytest.param({"die_after": SEND, "call": 2}, True, id="accepted-but-not-settled"),
        pytest.param({"die_after": SETTLE, "call": 2}, False, id="settled"),
    ],
)
def test_a_killed_worker_sends_nothing_twice_and_loses_nothing(
    waiting: list[str], server: LyingServer, place: dict[str, Any], on_the_wire: bool
) -> None:
    Worker(DELIVER, port=server.port, **place).dies()
    # While the lease lasts nobody else touches what the dead worker held.
    tasks.sweep()
    assert _states()["unconfirmed"] == 0
    _end_leases()
    tasks.sweep()

    lost = 1 if on_the_wire else 0
    assert _states() == Counter({"handed_over": MAILS - lost, "unconfirmed": lost}) - Counter()
    assert max(server.counts().values()) == 1
    # Only the mail on the wire may be missing: every other one arrived, once.
    assert set(waiting) - set(server.counts()) <= ({waiting[1]} if on_the_wire else set())
    assert not ServiceMail.objects.exclude(to="").exists()


def test_three_workers_at_once_send_each_mail_once(organisation: Organisation, server: LyingServer) -> None:
    for number in range(90):
        queue(kind="opt_in", to=f"lid{number}@thuis.example", subject="Bevestig je aanmelding", text="Dag")
    workers = [Worker(DELIVER, port=server.port) for _ in range(3)]
    for worker in workers:
        worker.go()
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    assert _states() == {"handed_over": 90}
    assert len(server.received) == 90 and set(server.counts().values()) == {1}
