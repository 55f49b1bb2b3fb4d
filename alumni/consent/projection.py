"""The current state of every consent: a fold over the ledger, written in the event's own transaction.

`rebuild` makes it anew from the events; it should never find anything to mend.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction

from alumni.consent.models import IN_FORCE, ConsentEvent, ConsentState, State
from alumni.consent.months import add_months
from alumni.members.models import Member

CHUNK = 500
_FIELDS = ("state", "event_seq", "event_time", "notice_version", "valid_until")


def standing(state: ConsentState | None, *, material_since: int, at: dt.datetime) -> str:
    """How a consent stands at a moment: `ok`, or why it does not count: `no_consent refused withdrawn expired
    overtaken`. `material_since` is the newest notice version that changed what is agreed to."""
    if state is None:
        return "no_consent"
    if state.state not in IN_FORCE:
        told = {State.REFUSED: "refused", State.WITHDRAWN: "withdrawn", State.EXPIRED: "expired"}
        return told.get(State(state.state), "no_consent")
    if state.valid_until is not None and state.valid_until <= at:
        return "expired"
    return "overtaken" if state.notice_version < material_since else "ok"


def state_after(member_id: int, event: ConsentEvent) -> ConsentState:
    """The state that an event leaves behind: one step of the fold. Needs the event's notice at hand."""
    months = int(event.validity_duration[1:-1]) if event.validity_duration else 0
    return ConsentState(
        member_id=member_id,
        purpose=event.purpose,
        state=event.state,
        event_seq=event.seq,
        event_time=event.event_time,
        notice_version=event.record.notice_text.notice.version,
        valid_until=add_months(event.event_time, months) if months else None,
    )


def fold(member_id: int, events: Iterable[ConsentEvent]) -> dict[str, ConsentState]:
    """{purpose: state} of one member after their events, in the order of the ledger: the last one counts."""
    return {event.purpose: state_after(member_id, event) for event in events}


def write(states: Iterable[ConsentState]) -> None:
    """Store states, over those that were there. One for each (member, purpose)."""
    ConsentState.objects.bulk_create(
        list(states),
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["member", "purpose"],
        update_fields=_FIELDS,
    )


def rebuild(*, mend: bool = True) -> Iterator[tuple[int, int]]:
    """Compare every member's states with the fold over their events and, with `mend`, make them so.

    Yields (members looked at, states that differed) after each chunk; each chunk is a transaction of its own.
    """
    ids = iter(Member.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK))
    seen = differing = 0
    while chunk := list(islice(ids, CHUNK)):
        differing += _rebuild_chunk(chunk, mend=mend)
        seen += len(chunk)
        yield seen, differing


@transaction.atomic
def _rebuild_chunk(member_ids: list[int], *, mend: bool) -> int:
    rows = Member.objects.select_for_update().filter(pk__in=member_ids).order_by("pk")
    ids = dict(rows.values_list("uid", "pk"))
    events: dict[int, list[ConsentEvent]] = {}
    for event in (
        ConsentEvent.objects.filter(principal_uid__in=ids).select_related("record__notice_text__notice").order_by("seq")
    ):
        events.setdefault(ids[event.principal_uid], []).append(event)
    wanted = {(pk, purpose): state for pk in events for purpose, state in fold(pk, events[pk]).items()}
    present = {(row.member_id, row.purpose): row for row in ConsentState.objects.filter(member_id__in=member_ids)}
    wrong = [state for key, state in wanted.items() if key not in present or _values(present[key]) != _values(state)]
    unfounded = [key for key in present if key not in wanted]
    if mend:
        write(wrong)
        for member_id, purpose in unfounded:
            ConsentState.objects.filter(member_id=member_id, purpose=purpose).delete()
    return len(wrong) + len(unfounded)


def _values(state: ConsentState) -> tuple[object, ...]:
    return tuple(getattr(state, name) for name in _FIELDS)
