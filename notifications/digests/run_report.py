"""What the back office shows of a run and of a digest."""

from collections import defaultdict
from typing import Any

from django.db.models import Count

from alumni.accounts.organisation import the_organisation
from notifications.audiences import words
from notifications.digests import reasons
from notifications.digests.models import Digest, DigestItem, DigestState, Run, RunPost
from notifications.digests.rebuild import rebuild
from notifications.posts.models import Post

# In this order, with the colour of the bar's part.
_STATES = (
    (DigestState.HANDED_OVER, "c-accent"),
    (DigestState.PLANNED, "c-pale"),
    (DigestState.CLAIMED, "c-pale"),
    (DigestState.HANDING_OVER, "c-mid"),
    (DigestState.WITHHELD, "c-soft"),
    (DigestState.CLOSED, "c-line2"),
    (DigestState.SET_ASIDE, "c-warn"),
    (DigestState.UNCONFIRMED, "c-warn"),
    (DigestState.BOUNCED, "c-bad"),
    (DigestState.FAILED, "c-bad"),
)
# Digests that nothing more will happen to.
_OPEN = {DigestState.PLANNED, DigestState.CLAIMED, DigestState.HANDING_OVER}


def of(run: Run, *, language: str) -> dict[str, Any]:
    """The digests of a run by state, and per post its audience by outcome; both add up. Five queries."""
    found = dict(Digest.objects.filter(run=run).order_by().values_list("state").annotate(n=Count("pk")))
    states = [
        {"state": state.value, "label": state.label, "n": found[state], "kind": kind}
        for state, kind in _STATES
        if found.get(state)
    ]
    total = sum(found.values())
    done = total - sum(found.get(state, 0) for state in _OPEN)
    return {"states": states, "total": total, "done": done, "posts": _posts(run, language)}


def _posts(run: Run, language: str) -> list[dict[str, Any]]:
    counted: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for post_id, outcome, n in RunPost.objects.filter(run=run).order_by("-n").values_list("post_id", "outcome", "n"):
        counted[post_id].append((outcome, n))
    posts = Post.objects.filter(pk__in=counted).prefetch_related("versions__texts")
    rows = [
        {
            "post": post,
            "title": _title(post, language),
            "total": sum(n for _outcome, n in counted[post.pk]),
            "outcomes": [(words.reason(outcome, purpose=post.purpose), n) for outcome, n in counted[post.pk]],
        }
        for post in posts
    ]
    return sorted(rows, key=lambda row: row["title"])


def _title(post: Post, language: str) -> str:
    newest = max(post.versions.all(), key=lambda version: version.number)
    return newest.text_in(language).title


def items_of(digest: Digest, *, language: str) -> list[dict[str, Any]]:
    """What a digest holds, in its order: title, why, and where the item ended if not as its digest. Four queries."""
    items = (
        DigestItem.objects.filter(digest=digest)
        .select_related("post", "version")
        .prefetch_related("version__texts")
        .order_by("rank")
    )
    company = the_organisation().name
    return [
        {
            "post": item.post,
            "title": item.version.text_in(language).title,
            "reason": reasons.sentence(item.reason, language, company=company) if item.reason else "",
            "outcome": item.get_outcome_display() if item.outcome else "",
        }
        for item in items
    ]


def preview(digest: Digest) -> dict[str, Any] | None:
    """The mail without the member's own links, and whether it equals what was sent; None when nothing can be made."""
    made = rebuild(digest, with_own_links=False)
    return {"html": made.html, "exact": made.exact} if made.html else None
