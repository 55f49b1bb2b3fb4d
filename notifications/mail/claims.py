"""Claim, commit, act, settle: how a row reaches a server once, and never twice.

One shape for service mail and digests, on both databases. The model has the columns state, lease, lease_until,
attempts, retry_at and reply, and the states planned, claimed, handing_over, unconfirmed.

    planned ──claim──▶ claimed ──hand_over──▶ handing_over ──settle──▶ handed_over | failed | unconfirmed
       ▲                  │                        │
       └─release, put_back┴─put_back: surely not taken

Each step commits by itself; nothing here talks to a server. A worker that dies while a row is claimed loses nothing:
the lease ends and the row waits again. One that dies while a row is being handed over leaves it unconfirmed: nobody
knows whether the server took it, so it is shown to HR and never sent again by itself.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db import connections, models, router, transaction
from django.db.models import Q

from alumni.accounts.uid import uuid7

Row = TypeVar("Row", bound=models.Model)

# Longer than the slowest talk with a mail server (see smtp.py) and one sub-batch of them.
LEASE = dt.timedelta(minutes=15)
RETRY_STEPS = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=3),
)


def due(at: dt.datetime) -> Q:
    """Rows that wait and whose time has come."""
    return Q(state="planned") & (Q(retry_at__isnull=True) | Q(retry_at__lte=at))


def claim(
    rows: models.QuerySet[Row],
    *,
    limit: int,
    at: dt.datetime,
    order: Sequence[str] = ("retry_at",),
    lease: dt.timedelta = LEASE,
) -> list[Row]:
    """Lease up to `limit` of the due `rows` to the caller and return them, freshly read, all with the same `lease`.

    Commits by itself: never call it inside a transaction that stays open. Two callers never get the same row. The
    default order runs along the index (state, retry_at).
    """
    mine = uuid7()
    database = router.db_for_write(rows.model)
    with transaction.atomic(using=database):
        waiting = rows.using(database).filter(due(at)).order_by(*order)
        if connections[database].features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        # The keys first: a sub-query with LIMIT that skips locked rows may be run more than once by the planner.
        keys = list(waiting.values_list("pk", flat=True)[:limit])
        taken = _of(rows.model, keys, state="planned").update(state="claimed", lease=mine, lease_until=at + lease)
    if not taken:
        return []
    claimed = {row.pk: row for row in _of(rows.model, keys, lease=mine, state="claimed")}
    return [claimed[key] for key in keys if key in claimed]


def hand_over(rows: Sequence[Row], *, at: dt.datetime, lease: dt.timedelta = LEASE, **columns: Any) -> list[Row]:
    """Mark claimed rows as on the wire, and return those that are still ours. Only these may be sent.

    `columns` are set along, for what must be known of a row before it leaves.
    """
    if not rows:
        return []
    ours = _held(rows, "claimed")
    until = at + lease
    count = ours.update(state="handing_over", lease_until=until, **columns)
    if count != len(rows):
        kept = set(_held(rows, "handing_over").values_list("pk", flat=True))
        rows = [row for row in rows if row.pk in kept]
    for row in rows:
        for name, value in {"state": "handing_over", "lease_until": until, **columns}.items():
            setattr(row, name, value)
    return list(rows)


def settle(rows: Sequence[Row], *, state: str, **columns: Any) -> int:
    """End rows in `state`, in one UPDATE; returns how many. Only who holds the lease can.

    An answer that comes after the lease ended still settles what was meanwhile marked unconfirmed: it is better known.
    """
    if not rows:
        return 0
    held = _held(rows, "claimed", "handing_over", "unconfirmed")
    return held.update(state=state, lease_until=None, retry_at=None, **columns)


def put_back(rows: Sequence[Row], *, at: dt.datetime, **columns: Any) -> list[Row]:
    """Let rows that were surely not taken wait for their next attempt. Returns those that have had their last one:
    these are still the caller's, to settle."""
    spent = [row for row in rows if row.attempts >= len(RETRY_STEPS)]  # type: ignore[attr-defined]
    for attempts, step in enumerate(RETRY_STEPS):
        group = [row for row in rows if row.attempts == attempts]  # type: ignore[attr-defined]
        if group:
            _held(group, "claimed", "handing_over").update(
                state="planned", lease=None, lease_until=None, attempts=attempts + 1, retry_at=at + step, **columns
            )
    return spent


def release(rows: Sequence[Row]) -> None:
    """Let rows wait again, at once and without counting an attempt: nothing was tried with them."""
    if rows:
        _held(rows, "claimed", "handing_over").update(state="planned", lease=None, lease_until=None)


def recover(model: type[models.Model], *, at: dt.datetime, **unconfirmed: Any) -> tuple[int, int]:
    """What dead workers left: claimed rows wait again, rows on the wire become unconfirmed. (returned, unconfirmed).

    The keyword arguments are set on unconfirmed rows along with the state. The lease stays on them, so that a worker
    that was only slow can still settle (see `settle`).
    """
    ended = model._default_manager.filter(lease_until__lt=at)
    returned = ended.filter(state="claimed").update(state="planned", lease=None, lease_until=None)
    lost = ended.filter(state="handing_over").update(state="unconfirmed", lease_until=None, **unconfirmed)
    return returned, lost


def _of(model: type[Row], keys: Iterable[Any], **conditions: Any) -> models.QuerySet[Row]:
    return model._default_manager.filter(pk__in=list(keys), **conditions)


def _held(rows: Sequence[Row], *states: str) -> models.QuerySet[Row]:
    return _of(type(rows[0]), [row.pk for row in rows], lease=rows[0].lease, state__in=states)  # type: ignore[attr-defined]
