"""Bring a vacancy feed in: one post per vacancy, the same file again changes nothing.

A changed row makes a new version; a row that went away closes its post, but only when the feed looks whole. What lacks
pay stays a draft that says so. One person submits, another answers the five questions for all of them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from alumni.accounts.models import User
from alumni.accounts.roles import scopes_of
from backend.http.errors import InvalidInput, KringError
from notifications.audiences.models import Audience
from notifications.posts import review, writing
from notifications.posts.models import HoldReason, Kind, Post, PostState, Visibility
from notifications.posts.vacancy_feed import Feed, Vacancy
from notifications.posts.writing import KEEP

BULK_REMARK = "vacancy feed"


@dataclass(frozen=True)
class Rules:
    """What the feed itself does not say, as the company agreed it for this source."""

    source: str
    submit_as: User
    approve_as: User
    audience: Audience
    pay_period: str = "month"
    language: str = "nl"
    visibility: str = Visibility.PUBLIC
    publish: bool = False


@dataclass
class Report:
    """`counts` by what became of the rows: created changed unchanged published closed held wrong.

    `held` and `wrong` hold one (line, title, sentence) a row.
    """

    counts: Counter[str] = field(default_factory=Counter)
    held: list[tuple[int, str, str]] = field(default_factory=list)
    wrong: list[tuple[int, str, str]] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def run(feed: Feed, rules: Rules, *, dry_run: bool = False, on_row: Callable[[], Any] = lambda: None) -> Report:
    """Apply a feed, row by row, each in a transaction of its own. Raises InvalidInput when the two people can't be."""
    _refuse_people(rules)
    report = Report(findings=list(feed.findings))
    for line, sentence in feed.errors:
        report.wrong.append((line, "", sentence))
    known = {post.external_id: post for post in Post.objects.filter(source=rules.source).exclude(external_id="")}
    for vacancy in feed.vacancies:
        post = known.get(vacancy.job_id)
        try:
            with transaction.atomic():
                _apply(vacancy, post, rules, report, dry_run=dry_run)
        except KringError as error:
            report.wrong.append((vacancy.line, vacancy.title, error.message))
        on_row()
    _close_missing(feed, known, rules, report, dry_run=dry_run)
    report.counts["held"], report.counts["wrong"] = len(report.held), len(report.wrong)
    return report


def _refuse_people(rules: Rules) -> None:
    if rules.submit_as.pk == rules.approve_as.pk:
        raise InvalidInput(_("Somebody else has to approve: name two people."), code="own_post", field="approve_as")
    for field_, user, scope in (
        ("submit_as", rules.submit_as, "posts:write"),
        ("approve_as", rules.approve_as, "posts:publish"),
    ):
        if scope not in scopes_of(user):
            message = _("%(name)s may not do this: it needs the scope %(scope)s.") % {"name": user, "scope": scope}
            raise InvalidInput(message, code="missing_scope", field=field_)


def _apply(vacancy: Vacancy, post: Post | None, rules: Rules, report: Report, *, dry_run: bool) -> None:
    if post is not None and post.state == PostState.CLOSED:
        message = _("Line %(line)d: %(title)s was closed before. A closed post never opens again; make a new one.")
        report.findings.append(message % {"line": vacancy.line, "title": vacancy.title})
        report.counts["unchanged"] += 1
        return
    action = "created" if post is None else "unchanged" if post.source_sha256 == vacancy.sha256 else "changed"
    if not dry_run:
        post = _write(vacancy, post, rules, report, action)
    is_as_stored = post is not None and (action == "unchanged" or not dry_run)
    hold = post.hold_reason if post is not None and is_as_stored else vacancy.hold_reason
    if hold:
        report.held.append((vacancy.line, vacancy.title, str(HoldReason(hold).label)))
    report.counts[action] += 1


def _write(vacancy: Vacancy, post: Post | None, rules: Rules, report: Report, action: str) -> Post:
    """Store the row, and bring it as far as it can go."""
    if post is None:
        post = writing.create(
            kind=Kind.VACANCY,
            author=rules.submit_as,
            audience=rules.audience,
            visibility=rules.visibility,
            source=rules.source,
            external_id=vacancy.job_id,
            **_content(vacancy, rules),
        )
    elif action == "changed":
        # What a person is writing or was asked to look at is theirs: it takes the change in, and waits for them.
        is_theirs = not post.hold_reason and post.versions.filter(approved_at__isnull=True).exists()
        content = _content(vacancy, rules)
        if content["terms"] is None and writing.newest_version(post).terms_or_none is not None:
            # Pay that somebody looked up, or that the feed named before, beats none.
            content |= {"terms": KEEP, "hold_reason": "" if vacancy.url else HoldReason.NO_LINK}
        post = writing.update(post=post, by=rules.submit_as, **content)
        if is_theirs:
            message = _("Line %(line)d: somebody is working on %(title)s. The change waits for their review.")
            report.findings.append(message % {"line": vacancy.line, "title": vacancy.title})
            return post
    if action != "unchanged" and not post.hold_reason:
        _approve(post, rules)
        post.refresh_from_db()
    if rules.publish and post.state == PostState.APPROVED:
        post = review.publish(post=post, by=rules.approve_as)
        report.counts["published"] += 1
    return post


def _content(vacancy: Vacancy, rules: Rules) -> dict[str, Any]:
    text = {"title": vacancy.title[:200], "apply_url": vacancy.url}
    if vacancy.summary:
        text["summary"] = vacancy.summary[:600]
    terms = None
    if vacancy.pay is not None and not vacancy.pay.is_odd:
        terms = {
            "pay_min": vacancy.pay.min,
            "pay_max": vacancy.pay.max,
            "unit": vacancy.pay.unit or rules.pay_period,
            "place": ", ".join(vacancy.places)[:100],
            "country": vacancy.country,
        }
    return {
        "texts": {rules.language: text},
        "terms": terms,
        "skills": [(name, False) for name in vacancy.skills[:30]],
        "source_sha256": vacancy.sha256,
        "hold_reason": vacancy.hold_reason,
    }


def _approve(post: Post, rules: Rules) -> None:
    """Submit and approve what waits, if anything does: a row may change in nothing that a reader sees."""
    if post.versions.filter(approved_at__isnull=True).exists():
        review.submit(post=post, by=rules.submit_as)
        review.approve(post=post, by=rules.approve_as, answers=review.CLEAR, remark=BULK_REMARK)


def _close_missing(feed: Feed, known: dict[str, Post], rules: Rules, report: Report, *, dry_run: bool) -> None:
    """Close what the feed no longer holds. An empty or half feed is a broken one: then nothing is closed."""
    still_open = {job_id: post for job_id, post in known.items() if post.state != PostState.CLOSED}
    missing = [post for job_id, post in still_open.items() if job_id not in feed.ids]
    if not missing:
        return
    if len(feed.ids & still_open.keys()) * 2 < len(still_open):
        message = _("%(n)d of %(total)d vacancies are missing: the feed looks broken, so none was closed.")
        report.findings.append(message % {"n": len(missing), "total": len(still_open)})
        return
    for post in missing:
        if not dry_run:
            review.close(post=post, by=rules.approve_as)
        report.counts["closed"] += 1
