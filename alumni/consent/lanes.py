"""A member's consents drawn on a line of time: one row a purpose, a bar while it was in force, rings where it changed.

Only positions, in percents of the width; the list beside the drawing says the same in words.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from alumni.consent.models import IN_FORCE, ConsentEvent


@dataclass
class Lane:
    """One purpose: bars as (from, width), marks as (place, whether it was in force from there)."""

    purpose: str
    label: str
    bars: list[tuple[str, str]] = field(default_factory=list)
    marks: list[tuple[str, bool]] = field(default_factory=list)


def lanes(events: Iterable[ConsentEvent], *, until: dt.datetime) -> list[Lane]:
    """The lanes of one member's events, which come in the order of the ledger. Empty without events."""
    by_purpose: dict[str, list[ConsentEvent]] = {}
    for event in events:
        by_purpose.setdefault(event.purpose, []).append(event)
    if not by_purpose:
        return []
    first = min(known[0].event_time for known in by_purpose.values())
    span = max((until - first).total_seconds(), 1)

    def at(moment: dt.datetime) -> float:
        return 2 + 96 * min(max((moment - first).total_seconds() / span, 0), 1)

    return [_lane(known, at(until), at) for known in by_purpose.values()]


def _lane(events: list[ConsentEvent], end: float, at: Callable[[dt.datetime], float]) -> Lane:
    lane = Lane(purpose=events[0].purpose, label=events[0].get_purpose_display())
    for event, following in zip(events, [*events[1:], None], strict=True):
        is_on = event.state in IN_FORCE
        start = at(event.event_time)
        stop = at(following.event_time) if following else end
        if is_on:
            lane.bars.append((f"{start:.2f}", f"{max(stop - start, 0.2):.2f}"))
        lane.marks.append((f"{start:.2f}", is_on))
    return lane
