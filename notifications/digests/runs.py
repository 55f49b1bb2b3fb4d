"""Runs: start one, plan it chunk by chunk, end it. Any worker may take up a run where another left it.

One worker at a time plans a run: it holds the lease on the run's row and prolongs it with each chunk, in the chunk's
own transaction. A worker that dies leaves whole chunks; the next one goes on when the lease ends.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation
from alumni.accounts.uid import uuid7
from backend.http.errors import Conflict
from notifications.digests import counts, plan
from notifications.digests.models import Digest, DigestState, Preference, Run, RunState
from notifications.mail.message import why_nothing_may_leave

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=2)
MAX_RACES = 5
# States in which a digest still has something to come.
OPEN = (DigestState.PLANNED, DigestState.CLAIMED, DigestState.HANDING_OVER)


class LeaseLost(Exception):
    """Another worker took the run over: this one was too slow."""


def is_due(at: dt.datetime) -> bool:
    """Whether any member waits for a digest. Along the index on `next_due`."""
    return Preference.objects.filter(next_due__lte=at).exists()


def start(*, by: User | None = None, everybody: bool = False, dry_run: bool = False) -> Run:
    """A new run over all who are due; plans nothing yet. Raises Conflict while the company's row forbids sending."""
    problem = why_nothing_may_leave(the_organisation())
    if problem and not dry_run:
        raise Conflict(problem, code="company_incomplete")
    run = Run.objects.create(started_by=by, everybody=everybody, is_dry_run=dry_run, due_at=timezone.now())
    log.info("run_started", run=str(run.uid), dry_run=dry_run, everybody=everybody)
    return run


def take_up(*, at: dt.datetime) -> list[Run]:
    """Runs for a worker to plan: those that nobody holds, and a new one when members are due and none is under way."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    unplanned = Run.objects.filter(state=RunState.PLANNING)
    if not unplanned.filter(is_dry_run=False).exists() and is_due(at) and not why_nothing_may_leave(the_organisation()):
        return [*unplanned.filter(free).order_by("pk"), start()]
    return list(unplanned.filter(free).order_by("pk"))


def _lease(run: Run) -> bool:
    now, mine = timezone.now(), uuid7()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    taken = Run.objects.filter(free, pk=run.pk, state=RunState.PLANNING).update(lease=mine, lease_until=now + LEASE)
    run.refresh_from_db()
    return bool(taken)


def plan_all(run: Run, after_chunk: Callable[[], Any] | None = None) -> bool:
    """Plan what is left of a run. False when another worker holds it or took it over."""
    if not _lease(run):
        return False
    posts: plan.Posts | None = None
    try:
        while posts := advance(run, posts):
            if after_chunk is not None:
                after_chunk()
    except LeaseLost:
        return False
    return True


def advance(run: Run, known: plan.Posts | None = None) -> plan.Posts | None:
    """Plan one chunk of a run whose lease we hold; after the last one note that it is planned.

    Returns the posts, to be given to the next call, or None when the run is planned. `known` spares reading them again.
    """
    failed: Counter[tuple[int, ...]] = Counter()
    while True:
        now = timezone.now()
        posts = plan.load_posts(run, known)
        due = plan.due_members(run, _cursor(run), settings.PLAN_CHUNK)
        if not due:
            _planned(run)
            return None
        chunk = plan.decide(due, posts, at=now)
        try:
            with transaction.atomic():
                if not run.is_dry_run:
                    plan.write(run, chunk, at=now)
                _note(run, chunk)
            return posts
        except (plan.Raced, IntegrityError, OperationalError) as error:
            # A member was erased, or planned by another run, while we read; or two transactions waited for each other.
            log.info("plan_chunk_raced", run=str(run.uid), error=type(error).__name__)
            members = tuple(preference.member_id for preference in due)
            failed[members] += 1
            if failed[members] == MAX_RACES:  # the same members over and over: it is no race
                raise
            run.refresh_from_db()


def _cursor(run: Run) -> tuple[dt.datetime | None, int]:
    """Where to go on. A real run needs none over `next_due`: whom it planned is no longer due."""
    after = run.counts.get("after") if run.is_dry_run else None
    return (dt.datetime.fromisoformat(after) if after else None, run.cursor if run.everybody or run.is_dry_run else 0)


def _note(run: Run, chunk: plan.Chunk) -> None:
    """Keep, in the chunk's transaction, how far the run is and what it counted. Raises LeaseLost."""
    tally = counts.from_json(run.counts.get("tally", {}))
    for post_id, outcomes in chunk.tally.items():
        tally[post_id].update(outcomes)
    digests = chunk.digests
    after, member_id = chunk.cursor
    kept: dict[str, Any] = {
        "digests": run.counts.get("digests", 0) + len(digests),
        "items": run.counts.get("items", 0) + sum(len(one.picked) for one in digests),
        "tally": counts.as_json(tally),
        "after": after.isoformat() if after else None,
    }
    changes = {
        "members_seen": run.members_seen + len(chunk.plans),
        "empty": run.empty + len(chunk.plans) - len(digests),
        "cursor": member_id,
        "counts": kept,
    }
    held = Run.objects.filter(pk=run.pk, lease=run.lease, state=RunState.PLANNING)
    if not held.update(lease_until=timezone.now() + LEASE, **changes):
        raise LeaseLost
    for name, value in changes.items():
        setattr(run, name, value)


def _planned(run: Run) -> None:
    """All who were due are planned: store the counts per post, give the lease back."""
    tally = counts.from_json(run.counts.get("tally", {}))
    kept = {name: run.counts.get(name, 0) for name in ("digests", "items")}
    now = timezone.now()
    state = RunState.DRY_RUN if run.is_dry_run else RunState.RUNNING
    with transaction.atomic():
        changes = {"state": state, "planned_at": now, "finished_at": now if run.is_dry_run else None, "counts": kept}
        held = Run.objects.filter(pk=run.pk, lease=run.lease, state=RunState.PLANNING)
        if not held.update(lease=None, lease_until=None, **changes):
            raise LeaseLost
        counts.add_unseen(run, tally)
        counts.store(run, tally)
    run.refresh_from_db()
    log.info("run_planned", run=str(run.uid), members=run.members_seen, empty=run.empty, **kept)


def finish_ended() -> int:
    """End the runs of which every digest has settled; returns how many. Safe to run twice at once."""
    ended = 0
    for run in Run.objects.filter(state=RunState.RUNNING).order_by("pk"):
        if Digest.objects.filter(run=run, state__in=OPEN).exists():
            continue
        with transaction.atomic():
            # The conditional update is the claim: of two that try, the second waits and then finds nothing to do.
            taken = Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
                state=RunState.DONE, finished_at=timezone.now(), lease=None
            )
            if taken:
                counts.settle(run)
                ended += 1
                log.info("run_finished", run=str(run.uid))
    return ended
