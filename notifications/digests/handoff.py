"""What a sub-batch of digests needs before it may leave: the rows to compose, and the last asking of consent.

The last asking reads everything in one snapshot, together with the place in the ledger (`consent_seq`), and marks what
may leave in the same transaction. What changed since composing sends a digest back to be composed anew, or ends it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from django.db import connection, transaction

from alumni.consent import gate, ledger
from alumni.consent.models import ConsentState, Purpose
from alumni.members.models import Member
from notifications.digests import bulk
from notifications.digests.compose import Composed, Composer, Item
from notifications.digests.models import Digest, DigestItem, DigestState, ItemOutcome
from notifications.mail import claims
from notifications.posts.models import Post, PostState

log = structlog.get_logger(__name__)


class Line(NamedTuple):
    """An item on its way. The post is shared by all digests of a sub-batch that hold it."""

    post: Post
    pinned: int
    reason: dict[str, Any]

    @property
    def version(self) -> int:
        """The newest approved version: what is sent, whatever was planned."""
        return self.post.current_version_id or self.pinned


@dataclass
class Parcel:
    """A claimed digest on its way: its member, its items that still count, and what was composed of them."""

    digest: Digest
    member: Member
    items: list[Line]
    consents: dict[str, dt.date]
    composed: Composed = field(default_factory=Composed)
    # Items that must go before it may leave: {post id: (outcome, reason)}
    dropped: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def left(self) -> list[Line]:
        return [item for item in self.items if item.post.pk not in self.dropped]


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction in which all reads see one moment. SQLite's always do; PostgreSQL must be asked."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def parcels(digests: Sequence[Digest]) -> list[Parcel]:
    """The claimed digests with all that composing needs. Four queries."""
    members = Member.objects.select_related("preference").in_bulk([digest.member_id for digest in digests])
    rows = DigestItem.objects.filter(digest_id__in=[digest.pk for digest in digests], outcome__isnull=True)
    found = list(rows.order_by("digest_id", "rank").values_list("digest_id", "post_id", "version_id", "reason"))
    posts = Post.objects.in_bulk({post_id for _digest, post_id, _version, _reason in found})
    items: dict[int, list[Line]] = defaultdict(list)
    for digest_id, post_id, version_id, reason in found:
        items[digest_id].append(Line(posts[post_id], version_id, reason))
    consents: dict[int, dict[str, dt.date]] = defaultdict(dict)
    states = ConsentState.objects.filter(member_id__in=members)
    for member_id, purpose, at in states.values_list("member_id", "purpose", "event_time"):
        consents[member_id][purpose] = at.date()
    return [
        Parcel(digest, members[digest.member_id], items[digest.pk], consents[digest.member_id])
        for digest in digests
        if digest.member_id in members  # else erased since: its digest went with it
    ]


def compose(parcels_: Sequence[Parcel], composer: Composer) -> list[Parcel]:
    """Compose each; returns those that could be. An item whose post cannot be rendered is dropped from its digest.

    A digest that fails as a whole (a row that no form of ours would have let in) is set aside by itself: the others go.
    """
    composer.load({item.version for parcel in parcels_ for item in parcel.items})
    composed = []
    for parcel in parcels_:
        try:
            _compose(parcel, composer)
        except Exception as error:
            log.exception("digest_set_aside", digest=str(parcel.digest.uid))
            reply = f"could not be composed: {type(error).__name__}"
            claims.settle([parcel.digest], state=DigestState.SET_ASIDE, reply=reply)
        else:
            composed.append(parcel)
    return composed


def _compose(parcel: Parcel, composer: Composer) -> None:
    lines = [Item(item.version, item.reason) for item in parcel.items]
    parcel.composed = composer.compose(parcel.digest, parcel.member, lines, parcel.consents)
    if parcel.composed.set_aside:
        for item in parcel.items:
            if item.version in parcel.composed.set_aside:
                parcel.dropped[item.post.pk] = (ItemOutcome.SET_ASIDE, "set_aside")


def ask_and_mark(parcels_: Sequence[Parcel], *, at: dt.datetime, lease: dt.timedelta) -> list[Parcel]:
    """Ask consent for the last time, and mark as on the wire what may leave; only the parcels returned may be sent.

    The others are seen to: their items end as withheld or closed, and they end too or wait to be composed anew.
    """
    if not parcels_:
        return []
    with snapshot():
        fresh = Member.objects.in_bulk([parcel.member.pk for parcel in parcels_])
        verdicts = gate.verdicts(members=fresh.values(), at=at)
        seq = ledger.head().seq
        post_ids = {item.post.pk for parcel in parcels_ for item in parcel.items}
        posts = dict(
            Post.objects.filter(pk__in=post_ids, state=PostState.PUBLISHED).values_list("pk", "current_version")
        )
        ready: list[Parcel] = []
        changed: list[Parcel] = []
        for parcel in parcels_:
            member = fresh.get(parcel.member.pk)
            if member is None:
                continue
            set_aside = len(parcel.dropped)
            _drop(parcel, verdicts[member.pk], posts)
            is_same = (
                len(parcel.dropped) == set_aside
                and parcel.composed.body != b""
                and (member.email, member.language) == (parcel.member.email, parcel.digest.language)
                and all(posts.get(item.post.pk) == item.post.current_version_id for item in parcel.left)
                and not _unmatch(parcel, verdicts[member.pk])
            )
            (ready if is_same else changed).append(parcel)
            if not is_same and parcel.digest.language != member.language:
                Digest.objects.filter(pk=parcel.digest.pk).update(language=member.language)
        _store_drops(parcels_)
        for parcel in changed:
            _end_or_wait(parcel)
        return _mark(ready, seq=seq, at=at, lease=lease)


def _drop(parcel: Parcel, verdicts: dict[str, gate.Verdict], posts: Collection[int]) -> None:
    """Note the items that may not be sent now, with the outcome and the gate's reason."""
    for item in parcel.left:
        verdict = verdicts[item.post.purpose]
        if not verdict.allowed:
            parcel.dropped[item.post.pk] = (ItemOutcome.WITHHELD, verdict.reason)
        elif item.post.pk not in posts:
            parcel.dropped[item.post.pk] = (ItemOutcome.CLOSED, "closed")


def _unmatch(parcel: Parcel, verdicts: dict[str, gate.Verdict]) -> bool:
    """Where consent for matching is gone: the same items, newest first, no profile in the reasons. True if so."""
    if verdicts[Purpose.MATCHING].allowed or all(item.reason["code"] == "purpose" for item in parcel.left):
        return False
    newest_first = sorted(parcel.left, key=lambda item: (item.post.published_at, item.post.pk), reverse=True)
    for rank, item in enumerate(newest_first, start=1):
        reason = {"code": "purpose", "purpose": item.post.purpose}
        DigestItem.objects.filter(pk=(parcel.member.pk, item.post.pk)).update(rank=rank, reason=reason)
    return True


def _store_drops(parcels_: Sequence[Parcel]) -> None:
    """One UPDATE per digest that lost items: rare."""
    for parcel in parcels_:
        for outcome in {outcome for outcome, _reason in parcel.dropped.values()}:
            posts = [post_id for post_id, (one, _reason) in parcel.dropped.items() if one == outcome]
            items = DigestItem.objects.filter(digest=parcel.digest, post_id__in=posts, outcome__isnull=True)
            items.update(outcome=outcome)


def _end_or_wait(parcel: Parcel) -> None:
    """A digest with items left waits to be composed anew; an emptied one ends, as the weightiest of its items did."""
    if parcel.left:
        claims.release([parcel.digest])
        return
    outcomes = dict(parcel.dropped.values())
    for outcome in (ItemOutcome.WITHHELD, ItemOutcome.CLOSED, ItemOutcome.SET_ASIDE):
        if outcome in outcomes:
            claims.settle([parcel.digest], state=DigestState(outcome.value), reply=outcomes[outcome])
            return
    # No item was left to begin with: all were dropped while it waited.
    claims.settle([parcel.digest], state=DigestState.CLOSED)


def _mark(ready: Sequence[Parcel], *, seq: int, at: dt.datetime, lease: dt.timedelta) -> list[Parcel]:
    """claimed -> handing over, with what must be known of a digest before it leaves."""
    ours = {row.pk for row in claims.hand_over([one.digest for one in ready], at=at, lease=lease, consent_seq=seq)}
    marked = [parcel for parcel in ready if parcel.digest.pk in ours]
    bulk.update(
        Digest,
        ("subject", "body_sha256"),
        [(parcel.digest.pk, (parcel.composed.subject, parcel.composed.sha256)) for parcel in marked],
    )
    for parcel in marked:
        for item in parcel.left:
            if item.version != item.pinned:  # edited since it was planned: rare
                DigestItem.objects.filter(pk=(parcel.member.pk, item.post.pk)).update(version_id=item.version)
    return marked
