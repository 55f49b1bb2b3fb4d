"""Plans digests a chunk of due members at a time: who gets which posts, and what became of every other pair.

Reading goes before writing. The reads of a chunk are set-based (a constant number of queries) and hold no lock; then
one short transaction writes the digests and items, moves the due times and keeps the counts. It moves a due time only
where that still is what was read: of two runs that meet on a member one has its chunk rolled back, and reads it anew.
Consent is asked here to spare work; what counts is the asking at hand-off.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q

from alumni.accounts.uid import uuid7
from alumni.consent import gate
from alumni.consent.models import ConsentState
from alumni.members.models import Member
from notifications.audiences import rules
from notifications.audiences.models import Audience
from notifications.digests import bulk, facts, match, preferences
from notifications.digests.models import Digest, DigestItem, Preference, Run
from notifications.mail.message import address_domain, message_id
from notifications.posts.models import Post, PostState

# What the notice promises: at most one digest in so many days. Also a run for everybody keeps it (not in a demo).
PROMISED_DAYS = 7

# {post id: {outcome: how many members of its audience}}
Tally = dict[int, Counter[str]]


class Raced(Exception):
    """Somebody else planned a member of this chunk, or changed their due time, since it was read: read it anew."""


@dataclass
class Posts:
    """The posts of a run as they stand now: those open for matching, and by audience and purpose for counting."""

    state: Sequence[tuple[int, str, int | None]]
    board: match.Board
    audiences: dict[int, Audience]
    # {audience: {purpose: posts}}; under "closed" those that were closed since the run began
    groups: dict[int, dict[str, frozenset[int]]]


@dataclass
class Planned:
    """One member's next digest: the posts in their order. None picked: no digest, the due time moves all the same."""

    member: Member
    preference: Preference
    picked: list[match.Ranked]


@dataclass
class Chunk:
    """What was decided on a chunk of members."""

    plans: list[Planned] = field(default_factory=list)
    tally: Tally = field(default_factory=lambda: defaultdict(Counter))
    cursor: tuple[dt.datetime | None, int] = (None, 0)

    @property
    def digests(self) -> list[Planned]:
        return [plan for plan in self.plans if plan.picked]


def of_run(run: Run) -> models.QuerySet[Post]:
    """The posts that a run is about: published before it began, and open then."""
    open_then = Q(state=PostState.PUBLISHED) | Q(state=PostState.CLOSED, closed_at__gte=run.started_at)
    return Post.objects.filter(open_then, published_at__lte=run.started_at)


def load_posts(run: Run, known: Posts | None = None) -> Posts:
    """The run's posts: one query while nothing changed since `known`, five more when something did."""
    state = list(of_run(run).order_by("pk").values_list("pk", "state", "current_version_id"))
    if known is not None and known.state == state:
        return known
    posts = list(of_run(run).select_related("audience"))
    board = match.Board(
        facts.of_posts((post for post in posts if post.state == PostState.PUBLISHED), facts.merged_skills())
    )
    groups: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for post in posts:
        purpose = post.purpose if post.state == PostState.PUBLISHED else "closed"
        groups[post.audience_id][purpose].add(post.pk)
    return Posts(
        state=state,
        board=board,
        audiences={post.audience_id: post.audience for post in posts},
        groups={a: {name: frozenset(ids) for name, ids in group.items()} for a, group in groups.items()},
    )


def due_members(run: Run, cursor: tuple[dt.datetime | None, int], limit: int) -> list[Preference]:
    """The next members of a run, with `member` at hand. Along an index: `next_due`, or the key for everybody."""
    after, member_id = cursor
    rows = Preference.objects.select_related("member").filter(next_due__isnull=False)
    if run.everybody:
        days = 0 if settings.DEMO else PROMISED_DAYS
        recent = Digest.objects.filter(member_id=OuterRef("member_id"), due_at__gt=run.due_at - dt.timedelta(days=days))
        recent = recent.exclude(state__in=preferences.NOTHING_SENT)
        waits = Q(next_due__lte=run.due_at) | ~Exists(recent)
        return list(rows.filter(waits, member_id__gt=member_id).order_by("member_id")[:limit])
    rows = rows.filter(next_due__lte=run.due_at)
    if after is not None:
        rows = rows.filter(next_due__gte=after).filter(Q(next_due__gt=after) | Q(member_id__gt=member_id))
    return list(rows.order_by("next_due", "member_id")[:limit])


def _consents(
    members: Collection[Member], verdicts: dict[int, dict[str, gate.Verdict]]
) -> dict[int, dict[str, dt.date]]:
    """{member: {purpose that may be acted on now: the day it was given}}."""
    given: dict[int, dict[str, dt.date]] = defaultdict(dict)
    states = ConsentState.objects.filter(member_id__in=[member.pk for member in members])
    for member_id, purpose, at in states.values_list("member_id", "purpose", "event_time"):
        verdict = verdicts.get(member_id, {}).get(purpose)
        if verdict is not None and verdict.allowed:
            given[member_id][purpose] = at.date()
    return given


def _had(members: Collection[Member], posts: Posts) -> dict[int, set[int]]:
    """{member: the run's posts that they had, in any digest, however it ended}."""
    had: dict[int, set[int]] = defaultdict(set)
    ids = [pk for pk, _state, _version in posts.state]
    rows = DigestItem.objects.filter(member_id__in=[member.pk for member in members], post_id__in=ids)
    for member_id, post_id in rows.values_list("member_id", "post_id"):
        had[member_id].add(post_id)
    return had


def _audiences_of(members: Collection[Member], posts: Posts) -> dict[int, list[int]]:
    """{member: the audiences they are in}; one query an audience."""
    inside: dict[int, list[int]] = defaultdict(list)
    ids = [member.pk for member in members]
    for audience in posts.audiences.values():
        for member_id in rules.members_of(audience).filter(pk__in=ids).values_list("pk", flat=True):
            inside[member_id].append(audience.pk)
    return inside


def decide(due: list[Preference], posts: Posts, *, at: dt.datetime) -> Chunk:
    """Who of these gets which posts, and why not the others. Reads, and changes nothing."""
    members = [preference.member for preference in due]
    verdicts = gate.verdicts(members=members, at=at)
    consents = _consents(members, verdicts)
    knowledge = facts.of_members(members, consents, facts.merged_skills())
    had, inside = _had(members, posts), _audiences_of(members, posts)
    chunk = Chunk(cursor=(due[-1].next_due, due[-1].member_id) if due else (None, 0))
    counted: dict[str, list[int]] = defaultdict(list)
    for preference in due:
        member = preference.member
        eligible = _eligible(inside[member.pk], posts, verdicts[member.pk], had[member.pk], counted)
        picked = []
        if eligible:
            picked = match.rank(knowledge[member.pk], posts.board, eligible, settings.DIGEST_MAX_ITEMS)
            chosen = {one.post.post_id for one in picked}
            counted["planned"] += chosen
            counted["digest_full"] += eligible - chosen
        chunk.plans.append(Planned(member, preference, picked))
    for outcome, post_ids in counted.items():
        for post_id, n in Counter(post_ids).items():
            chunk.tally[post_id][outcome] += n
    return chunk


def _eligible(
    audiences: Iterable[int],
    posts: Posts,
    verdicts: dict[str, gate.Verdict],
    had: set[int],
    counted: dict[str, list[int]],
) -> set[int]:
    """The posts that a member may get now; each other one that they are in the audience of is counted by its reason."""
    eligible: set[int] = set()
    for audience_id in audiences:
        for purpose, ids in posts.groups[audience_id].items():
            new = ids - had if had else ids
            if len(new) != len(ids):
                counted["had_it"] += ids & had
            if purpose == "closed":
                counted["closed"] += new
            elif verdicts[purpose].allowed:
                eligible |= new
            else:
                counted[verdicts[purpose].reason] += new
    return eligible


def write(run: Run, chunk: Chunk, *, at: dt.datetime) -> None:
    """Write the digests of a chunk and move its members' due times, in the caller's transaction, which must roll back
    on what this raises: Raced or IntegrityError."""
    # Digests before due times: a withdrawal locks the member and then the preference, so must we.
    digests = chunk.digests
    ids = bulk.next_ids(Digest, len(digests)) if digests else []
    domain = address_domain()
    rows, items = [], []
    for pk, plan in zip(ids, digests, strict=True):
        uid, due_at = uuid7(), max(min(plan.preference.next_due or at, at), at - preferences.LATE)
        rows.append(
            [pk, uid, run.pk, plan.member.pk, plan.member.language, due_at, message_id("digest", uid, domain), at]
        )
        for place, one in enumerate(plan.picked, start=1):
            items.append([plan.member.pk, one.post.post_id, pk, one.post.version_id, place, one.reason])
    bulk.insert(Digest, DIGEST_COLUMNS, [[*row, *DIGEST_REST.values()] for row in rows])
    bulk.insert(DigestItem, ITEM_COLUMNS, items)
    _move_due_times(chunk.plans, at)


DIGEST_REST = {"state": "planned", "attempts": 0, "subject": "", "body_sha256": "", "reply": ""}
DIGEST_COLUMNS = ("id", "uid", "run_id", "member_id", "language", "due_at", "message_id", "created_at", *DIGEST_REST)
ITEM_COLUMNS = ("member_id", "post_id", "digest_id", "version_id", "rank", "reason")


def _move_due_times(plans: list[Planned], at: dt.datetime) -> None:
    """Set each member's next due time, where it still is what was read. Raises Raced where it is not."""
    prepare = Preference._meta.get_field("next_due").get_db_prep_value
    moves = []
    for plan in sorted(plans, key=lambda one: one.member.pk):
        preference = plan.preference
        moment = preferences.after_run(preference, plan.member.timezone, at, has_digest=bool(plan.picked))
        moves.append([prepare(moment, connection), plan.member.pk, prepare(preference.next_due, connection)])
    table = connection.ops.quote_name(Preference._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET next_due = %s WHERE member_id = %s AND next_due = %s", moves)  # noqa: S608
        if cursor.rowcount != len(moves):
            raise Raced
