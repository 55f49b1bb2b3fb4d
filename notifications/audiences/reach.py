"""How many of an audience a post would reach now, and why not the others: before it is published, and afterwards.

The same rules as `alumni.consent.gate`, as one aggregate in SQL instead of a verdict a member: an audience may be a
hundred thousand people. A test holds the two to the same answer. The numbers add up to the audience, to the last one.
"""

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db.models import Case, CharField, Count, F, FilteredRelation, Q, QuerySet, Value, When

from alumni.accounts.addresses import email_key
from alumni.consent import notices, suppression
from alumni.consent.models import IN_FORCE, State, Suppression
from alumni.members.models import Member
from notifications.audiences.models import Audience
from notifications.audiences.rules import members_of

T = TypeVar("T")
REACHED = "ok"
HAD_IT = "had_it"
# How many addresses are looked up at once in the suppressions.
CHUNK = 2000


class Addressed(Protocol):
    """What is asked about: a post (this room lies below theirs, and knows no more of it)."""

    pk: Any

    @property
    def audience(self) -> Audience: ...
    @property
    def purpose(self) -> str: ...


@dataclass(frozen=True)
class Reach:
    """`reached` and the numbers of `reasons` add up to `total`. The codes are the gate's, and `had_it`."""

    total: int
    reached: int
    reasons: dict[str, int]


def reach(*, post: Addressed, at: dt.datetime) -> Reach:
    """Count the joined members of the post's audience by what a digest at this moment would do with it.

    Runs five queries, and one more for each 2,000 members while any address at all is suppressed.
    """
    members = _with_reason(members_of(post.audience), post, at)
    counts = _count(members)
    if Suppression.objects.filter(lifted_by_seq__isnull=True).exists():
        # What cannot be delivered is said first, as the gate does.
        for ids in _chunks(_suppressed(members.filter(undeliverable_at__isnull=True))):
            moved = _count(members.filter(pk__in=ids))
            counts.subtract(moved)
            counts["suppressed"] += moved.total()
    reached = counts.pop(REACHED, 0)
    reasons = {reason: n for reason, n in counts.most_common() if n > 0}
    return Reach(total=reached + sum(reasons.values()), reached=reached, reasons=reasons)


def _with_reason(members: QuerySet[Member], post: Addressed, at: dt.datetime) -> QuerySet[Member]:
    """Each member with `reason`, in the gate's order, but for the suppression of addresses."""
    given = Q(consent__state__in=[str(state) for state in IN_FORCE])
    material = notices.material_since().get(post.purpose, 1)
    return members.annotate(
        consent=FilteredRelation("consent_states", condition=Q(consent_states__purpose=post.purpose)),
        had=FilteredRelation("digest_items", condition=Q(digest_items__post_id=post.pk)),
        reason=Case(
            When(undeliverable_at__isnull=False, then=Value("undeliverable")),
            When(_is_paused(members, at), then=Value("paused")),
            When(restricted_at__isnull=False, then=Value("restricted")),
            When(consent__state=State.REFUSED, then=Value("refused")),
            When(consent__state=State.WITHDRAWN, then=Value("withdrawn")),
            When(consent__state=State.EXPIRED, then=Value("expired")),
            When(Q(consent__state__isnull=True) | ~given, then=Value("no_consent")),
            When(consent__valid_until__lte=at, then=Value("expired")),
            When(consent__notice_version__lt=material, then=Value("overtaken")),
            When(had__post_id__isnull=False, then=Value(HAD_IT)),
            default=Value(REACHED),
            output_field=CharField(),
        ),
    )


def _is_paused(members: QuerySet[Member], at: dt.datetime) -> Q:
    """Paused on the day that it is for the member: by each time zone in which somebody is paused."""
    zones = members.filter(paused_until__isnull=False).order_by().values_list("timezone", flat=True).distinct()
    paused = Q(pk__in=[])
    for name in zones:
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
        paused |= Q(timezone=name, paused_until__gte=at.astimezone(zone).date())
    return paused


def _count(members: QuerySet[Member]) -> Counter[str]:
    rows = members.order_by().values(why=F("reason")).annotate(n=Count("pk"))
    return Counter({row["why"]: row["n"] for row in rows})


def _suppressed(members: QuerySet[Member]) -> Iterator[int]:
    """The ids of the members whose address is suppressed."""
    rows = members.order_by("pk").values_list("pk", "email")
    for chunk in _chunks(rows.iterator(chunk_size=CHUNK)):
        keys = suppression.suppressed_keys(email for _pk, email in chunk)
        yield from (pk for pk, email in chunk if keys and email_key(email) in keys)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
