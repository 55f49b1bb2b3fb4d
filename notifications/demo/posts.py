"""Brings the posts of `posts.toml` as far as they should be: written by one person, approved by another."""

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from alumni.accounts.models import User
from notifications.audiences.models import Audience
from notifications.posts import review, writing
from notifications.posts.models import Post, PostState

POSTS: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("posts.toml").read_text())["posts"]
CONTACTS = {"Joost Hendriks": "joost@maasveld.example", "An Declercq": "an.declercq@maasveld.example"}


def make(*, author: User, approver: User, today: dt.date) -> None:
    """Write every post, and bring each to its state."""
    for described in POSTS:
        bring(_write(described, author, today), described, author=author, approver=approver)


def bring(post: Post, described: dict[str, Any], *, author: User, approver: User) -> None:
    """Submit, approve, publish, close: as far as `state` says, and no further."""
    state = described.get("state", PostState.PUBLISHED)
    if remark := described.get("sent_back"):
        review.submit(post=post, by=author)
        review.send_back(post=post, by=approver, remark=remark)
    if state == PostState.DRAFT:
        return
    review.submit(post=post, by=author)
    if state == PostState.IN_REVIEW:
        return
    review.approve(post=post, by=approver, answers=review.CLEAR)
    if state == PostState.APPROVED:
        return
    review.publish(post=post, by=approver)
    if state == PostState.CLOSED:
        review.close(post=post, by=approver)


def _write(described: dict[str, Any], author: User, today: dt.date) -> Post:
    closes_in = described.get("closes_in")
    required = described.get("required", [])
    return writing.create(
        kind=described["kind"],
        author=author,
        texts={language: described[language] for language in ("nl", "en") if language in described},
        audience=Audience.objects.get(code=described.get("audience", "everybody")),
        visibility=described.get("visibility", "public"),
        closes_on=today + dt.timedelta(days=closes_in) if closes_in else None,
        terms=_terms(described["terms"], today) if "terms" in described else None,
        skills=[(name, name in required) for name in described.get("skills", [])],
    )


def _terms(described: dict[str, Any], today: dt.date) -> dict[str, Any]:
    terms = dict(described)
    for name in ("start", "end"):
        if name in terms:
            terms[name] = today + dt.timedelta(days=terms[name])
    terms["contact_name"] = terms.pop("contact")
    terms["contact_email"] = CONTACTS[terms["contact_name"]]
    return terms
