"""The one claim: what it gives, to whom, and what it leaves when a worker dies."""

import datetime as dt
from typing import Any

import pytest

from notifications.mail import claims
from notifications.mail.models import ServiceMail

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
LATER = NOW + claims.LEASE + dt.timedelta(seconds=1)


@pytest.fixture
def rows(db: None) -> list[ServiceMail]:
    return [
        ServiceMail.objects.create(kind="opt_in", to=f"{n}@x.example", dedupe_key=str(n), message_id=str(n))
        for n in range(5)
    ]


def _claim(limit: int = 10, at: dt.datetime = NOW) -> list[ServiceMail]:
    return claims.claim(ServiceMail.objects.all(), limit=limit, at=at, order=("pk",))


def _states() -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in ServiceMail.objects.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


def test_two_claims_never_share_a_row(rows: list[ServiceMail]) -> None:
    first, second, third = _claim(2), _claim(2), _claim(2)
    taken = [row.pk for row in (*first, *second, *third)]
    assert taken == [row.pk for row in rows]
    assert len({row.lease for row in first}) == 1 and first[0].lease != second[0].lease
    assert _claim() == []


def test_a_row_whose_time_has_not_come_is_left(rows: list[ServiceMail]) -> None:
    ServiceMail.objects.filter(pk=rows[0].pk).update(retry_at=NOW + dt.timedelta(seconds=1))
    ServiceMail.objects.filter(pk=rows[1].pk).update(retry_at=NOW)
    assert [row.pk for row in _claim()] == [row.pk for row in rows[1:]]


def test_a_claim_that_ended_waits_again_and_its_worker_may_not_go_on(rows: list[ServiceMail]) -> None:
    dead = _claim(2)
    assert claims.recover(ServiceMail, at=NOW) == (0, 0)
    assert claims.recover(ServiceMail, at=LATER) == (2, 0)
    assert claims.hand_over(dead, at=LATER) == []
    assert claims.settle(dead, state="handed_over") == 0
    assert len(_claim(at=LATER)) == 5


def test_only_rows_that_are_still_ours_are_handed_over(rows: list[ServiceMail]) -> None:
    mine = _claim(2)
    ServiceMail.objects.filter(pk=mine[0].pk).update(state="planned", lease=None)
    assert claims.hand_over(mine, at=NOW, reply="x") == [mine[1]]
    assert (mine[1].state, mine[1].reply, mine[0].state) == ("handing_over", "x", "claimed")


def test_what_died_on_the_wire_is_unconfirmed_and_never_claimed(rows: list[ServiceMail]) -> None:
    claims.hand_over(_claim(1), at=NOW)
    assert claims.recover(ServiceMail, at=LATER, to="") == (0, 1)
    assert ServiceMail.objects.get(pk=rows[0].pk).to == ""
    assert rows[0].pk not in [row.pk for row in _claim(at=LATER)]
    assert _states() == {"unconfirmed": 1, "claimed": 4}


def test_an_answer_that_comes_late_still_settles(rows: list[ServiceMail]) -> None:
    slow = claims.hand_over(_claim(1), at=NOW)
    claims.recover(ServiceMail, at=LATER)
    assert claims.settle(slow, state="handed_over") == 1
    assert ServiceMail.objects.get(pk=rows[0].pk).state == "handed_over"


def test_rows_are_put_back_by_their_own_number_of_attempts(rows: list[ServiceMail]) -> None:
    ServiceMail.objects.filter(pk=rows[1].pk).update(attempts=2)
    ServiceMail.objects.filter(pk=rows[2].pk).update(attempts=4)
    spent = claims.put_back(_claim(), at=NOW, reply="451")
    assert spent == [rows[2]]
    waits: list[Any] = list(ServiceMail.objects.order_by("pk").values_list("state", "attempts", "retry_at", "reply"))
    minute = dt.timedelta(minutes=1)
    assert waits[:3] == [
        ("planned", 1, NOW + minute, "451"),
        ("planned", 3, NOW + 30 * minute, "451"),
        ("claimed", 4, None, ""),
    ]


def test_what_was_not_tried_waits_again_without_an_attempt(rows: list[ServiceMail]) -> None:
    claims.release(_claim(3))
    assert _states() == {"planned": 5}
    assert not ServiceMail.objects.exclude(attempts=0, retry_at=None, lease=None).exists()


def test_a_settled_row_stays_settled(rows: list[ServiceMail]) -> None:
    mine = _claim(1)
    claims.settle(mine, state="failed")
    claims.settle(mine, state="handed_over")
    claims.put_back(mine, at=NOW)
    claims.release(mine)
    assert ServiceMail.objects.get(pk=mine[0].pk).state == "failed"
