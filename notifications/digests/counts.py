"""What became of every pair (member, post) of a run, as numbers that add up to each post's audience.

Outcomes: those of planning (`had_it digest_full closed no_consent withdrawn paused …`: the gate's reasons), `not_due`
for members whom the run did not look at, and for pairs that entered a digest where their item ended (`handed_over
failed bounced unconfirmed withheld closed set_aside`; `planned` until the run ends, `erased` when the member went).
"""

from collections import Counter, defaultdict

from django.db.models import Count, Q

from notifications.audiences import rules
from notifications.audiences.models import Audience
from notifications.digests import bulk
from notifications.digests.models import DigestItem, Run, RunPost
from notifications.digests.plan import Tally, of_run

COLUMNS = ("run_id", "post_id", "outcome", "n")


def add_unseen(run: Run, tally: Tally) -> None:
    """Count those members of each audience whom the run did not look at, so that each post adds up to its audience.

    Who gets no mail at all (no purpose in force, so never due) counts as `no_consent`, all others as `not_due`.
    """
    posts = list(of_run(run).values_list("pk", "audience_id"))
    for audience in Audience.objects.filter(pk__in={audience_id for _pk, audience_id in posts}):
        members = rules.members_of(audience)
        numbers = members.aggregate(
            total=Count("pk"), never_due=Count("pk", filter=Q(preference__next_due__isnull=True))
        )
        for post_id, audience_id in posts:
            if audience_id == audience.pk:
                unseen = max(0, numbers["total"] - sum(tally[post_id].values()))
                never_due = min(unseen, numbers["never_due"])
                tally[post_id]["no_consent"] += never_due
                tally[post_id]["not_due"] += unseen - never_due


def store(run: Run, tally: Tally) -> None:
    """Write the counts of a run that is planned."""
    rows = [
        [run.pk, post_id, outcome, n] for post_id, outcomes in tally.items() for outcome, n in outcomes.items() if n
    ]
    bulk.insert(RunPost, COLUMNS, rows)


def ended(run: Run) -> Tally:
    """{post: {outcome: n}} of all items of a run, by where they stand now."""
    tally: Tally = defaultdict(Counter)
    items = DigestItem.objects.filter(digest__run=run).order_by()
    for post_id, outcome, state, n in items.values_list("post_id", "outcome", "digest__state").annotate(n=Count("*")):
        tally[post_id][outcome or state] += n
    return tally


def settle(run: Run) -> None:
    """When the run has ended: put where the items ended in the place of `planned`."""
    planned = dict(RunPost.objects.filter(run=run, outcome="planned").values_list("post_id", "n"))
    before: Tally = defaultdict(Counter)
    for post_id, outcome, n in RunPost.objects.filter(run=run).values_list("post_id", "outcome", "n"):
        before[post_id][outcome] = n
    now = ended(run)
    for post_id, n in planned.items():
        del before[post_id]["planned"]
        before[post_id].update(now[post_id])
        before[post_id]["erased"] += max(0, n - sum(now[post_id].values()))
    RunPost.objects.filter(run=run).delete()
    store(run, before)


def as_json(tally: Tally) -> dict[str, dict[str, int]]:
    """For keeping on the run's row while it is being planned."""
    return {str(post_id): dict(outcomes) for post_id, outcomes in tally.items()}


def from_json(kept: dict[str, dict[str, int]]) -> Tally:
    """And back."""
    tally: Tally = defaultdict(Counter)
    for post_id, outcomes in kept.items():
        tally[int(post_id)] = Counter(outcomes)
    return tally
