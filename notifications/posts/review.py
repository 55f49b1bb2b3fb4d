"""From draft to published and closed: by two people, never skipping a step.

draft -> in review (`submit`) -> approved (`approve`) or back to draft (`send_back`) -> published -> closed. A published
post whose text was edited goes through the same submit and approve while it stays published; the approval makes the new
text the one that digests use.
"""

import datetime as dt
from collections.abc import Mapping

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.accounts.models import User
from alumni.accounts.roles import scopes_of
from backend.http.errors import Conflict, InvalidInput, NotAllowed
from notifications.posts import content as contents
from notifications.posts.models import Decision, Post, PostState, PostVersion, Review
from notifications.posts.signals import post_closed, post_published

log = structlog.get_logger(__name__)

# The five questions, each with the answer that lets a post go on.
QUESTIONS = {
    "newspaper": gettext_lazy("Could this be in the newspaper as it is, without harm to us or others?"),
    "secrets": gettext_lazy("Is it free of secrets, ours or a client's?"),
    "respectful": gettext_lazy("Is it respectful to its readers and to those it is about?"),
    "right": gettext_lazy("Does it really feel right to publish this?"),
    "ask_first": gettext_lazy("Should somebody else look at it first?"),
}
ANSWERS = ("yes", "no", "doubt")
CLEAR: dict[str, str] = {"newspaper": "yes", "secrets": "yes", "respectful": "yes", "right": "yes", "ask_first": "no"}


@transaction.atomic
def submit(*, post: Post, by: User) -> Review:
    """Ask a second person. Raises InvalidInput for what is missing, Conflict when there is nothing to review."""
    _needs_scope(by, "posts:write")
    post = _locked(post)
    version = _open_version(post)
    if post.state not in {PostState.DRAFT, PostState.PUBLISHED} or version is None:
        raise Conflict(_("There is nothing to submit: only a draft can be."), code="not_a_draft")
    if Review.objects.filter(post_version=version, decision="").exists():
        raise Conflict(_("This waits for a second person already."), code="in_review")
    _refuse_incomplete(post, version)
    if post.state == PostState.DRAFT:
        post.state = PostState.IN_REVIEW
    _save(post)
    return Review.objects.create(
        post_version=version,
        submitted_by=by,
        submitter_uid=by.uid,
        submitted_at=timezone.now(),
        text_sha256=version.sha256,
    )


@transaction.atomic
def approve(*, post: Post, by: User, answers: Mapping[str, str], remark: str = "") -> Review:
    """Sign off by a second person, with the five questions answered: {key: "yes" | "no" | "doubt"}.

    Raises InvalidInput for missing or contrary answers or a doubt without a sentence, NotAllowed for who submitted or
    wrote it, Conflict when it is not in review. The new text of a published post is in use from here on.
    """
    post, version, review = _under_review(post, by)
    _refuse_answers(answers, remark)
    _refuse_incomplete(post, version)
    now = timezone.now()
    _decide(review, by=by, decision=Decision.APPROVED, answers=answers, remark=remark, at=now)
    version.approved_at = now
    version.save(update_fields=["approved_at"])
    post.current_version = version
    if post.state == PostState.IN_REVIEW:
        post.state = PostState.APPROVED
    _save(post)
    if post.state == PostState.PUBLISHED:
        post_published.send(sender=Post, post_id=post.pk)
    return review


@transaction.atomic
def send_back(*, post: Post, by: User, remark: str, answers: Mapping[str, str] | None = None) -> Review:
    """Give it back to its author, with a remark that says why. Raises as `approve` does."""
    post, _version, review = _under_review(post, by)
    if not remark.strip():
        raise InvalidInput(_("Say in a sentence what has to change."), code="required", field="remark")
    _decide(review, by=by, decision=Decision.SENT_BACK, answers=answers or {}, remark=remark, at=timezone.now())
    if post.state == PostState.IN_REVIEW:
        post.state = PostState.DRAFT
    _save(post)
    return review


@transaction.atomic
def publish(*, post: Post, by: User | None = None) -> Post:
    """Let digests and drafts have it. Publishing what is published changes nothing.

    `by` is None for a client with the scope. Raises Conflict when the newest text is not approved, or it is closed.
    """
    if by is not None:
        _needs_scope(by, "posts:publish")
    post = _locked(post)
    if post.state == PostState.PUBLISHED:
        return post
    if post.state == PostState.CLOSED:
        raise Conflict(_("This post is closed. Make a new one."), code="closed")
    version = post.current_version
    if post.state != PostState.APPROVED or version is None or _open_version(post) is not None:
        raise Conflict(_("A second person has to approve this text first."), code="not_approved")
    _refuse_incomplete(post, version)
    post.state = PostState.PUBLISHED
    post.published_at = timezone.now()
    _save(post)
    log.info("post_published", post=str(post.uid), by=by and str(by.uid))
    post_published.send(sender=Post, post_id=post.pk)
    return post


@transaction.atomic
def close(*, post: Post, by: User | None = None) -> Post:
    """Stop it at once, in any state; closing what is closed changes nothing. A closed post never opens again."""
    post = _locked(post)
    if post.state == PostState.CLOSED:
        return post
    was_published = post.published_at is not None
    version = _open_version(post)
    if version is not None:
        Review.objects.filter(post_version=version, decision="").update(
            decision=Decision.VOIDED, decided_at=timezone.now()
        )
    post.state = PostState.CLOSED
    post.closed_at = timezone.now()
    _save(post)
    log.info("post_closed", post=str(post.uid), by=by and str(by.uid))
    if was_published:
        post_closed.send(sender=Post, post_id=post.pk)
    return post


def close_due(*, today: dt.date) -> int:
    """Close the published posts whose last day has passed; returns how many. Each commits by itself."""
    posts = list(Post.objects.filter(state=PostState.PUBLISHED, closes_on__lt=today))
    for post in posts:
        close(post=post)
    return len(posts)


def _locked(post: Post) -> Post:
    return Post.objects.select_for_update(of=("self",)).get(pk=post.pk)


def _save(post: Post) -> None:
    post.version += 1
    post.save()


def _open_version(post: Post) -> PostVersion | None:
    return PostVersion.objects.filter(post=post, approved_at__isnull=True).first()


def _needs_scope(by: User, scope: str) -> None:
    # The API asks this too; commands and the back office come here without it.
    if scope not in scopes_of(by):
        raise NotAllowed(_("This needs the scope %s.") % scope, code="missing_scope")


def _refuse_incomplete(post: Post, version: PostVersion) -> None:
    problems = contents.missing(
        kind=post.kind,
        content=contents.of_version(version),
        closes_on=post.closes_on,
        today=timezone.localdate(),
    )
    if problems:
        raise InvalidInput(problems[0][2], errors=problems)


def _under_review(post: Post, by: User) -> tuple[Post, PostVersion, Review]:
    _needs_scope(by, "posts:publish")
    post = _locked(post)
    version = _open_version(post)
    review = Review.objects.filter(post_version=version, decision="").first() if version else None
    if version is None or review is None:
        raise Conflict(_("Nobody asked for a review of this text. Submit it first."), code="not_in_review")
    if by.uid == review.submitter_uid or by.pk == post.author_id or str(by.uid) in version.writer_uids:
        message = _("Somebody else has to approve this: not who wrote or submitted it.")
        raise NotAllowed(message, code="own_post")
    if review.text_sha256 != version.sha256:
        raise Conflict(_("The text was changed since it was submitted. Submit it again."), code="text_changed")
    return post, version, review


def _refuse_answers(answers: Mapping[str, str], remark: str) -> None:
    problems: list[tuple[str, str, str]] = []
    for key, wanted in CLEAR.items():
        answer = answers.get(key)
        if answer not in ANSWERS:
            problems.append((f"answers.{key}", "required", _("Answer with yes, no or doubt.")))
        elif answer not in {wanted, "doubt"}:
            message = _("With this answer it cannot be approved. Send it back, with a remark.")
            problems.append((f"answers.{key}", "contrary", message))
    for key in sorted(set(answers) - set(CLEAR)):
        problems.append((f"answers.{key}", "unknown_question", _("There is no such question.")))
    if "doubt" in answers.values() and not remark.strip():
        problems.append(("remark", "required", _("A doubt wants a sentence.")))
    if problems:
        raise InvalidInput(problems[0][2], errors=problems)


def _decide(
    review: Review, *, by: User, decision: Decision, answers: Mapping[str, str], remark: str, at: dt.datetime
) -> None:
    if len(remark) > 1000:
        message = _("This is %(n)d characters too long.") % {"n": len(remark) - 1000}
        raise InvalidInput(message, code="max_length", field="remark")
    review.decided_by, review.decider_uid, review.decided_at = by, by.uid, at
    review.decision, review.answers, review.remark = decision, dict(answers), remark.strip()
    review.save()
