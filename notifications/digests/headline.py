"""The subject names the best item; the preheader goes on where the subject stops."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from notifications.digests import reasons, wording
from notifications.digests.item_pieces import ItemPieces
from notifications.posts.models import Kind

SUBJECT_LENGTH = 70
PREHEADER_LENGTH = 130


class Headline(NamedTuple):
    """Both, as plain text."""

    subject: str
    preheader: str


def headline(posts: Sequence[ItemPieces], reason: Mapping[str, Any]) -> Headline:
    """For the posts in their order, in the active language. `reason` is that of the first."""
    best = posts[0]
    tail = wording.and_others(len(posts) - 1)
    skills = _skills(reason)
    if best.kind == Kind.GIG and skills:
        return Headline(_skill_subject(skills, best.start, tail), _preheader(posts, [best.title, best.pay]))
    return Headline(_title_subject(best, tail), _preheader(posts, [best.pay or best.lead]))


def _preheader(posts: Sequence[ItemPieces], first: list[str]) -> str:
    sentence = ", ".join(part for part in first if part).rstrip(".…") + "."
    if others := ", ".join(post.title for post in posts[1:]):
        sentence += " " + _("Also: %(other_titles)s.") % {"other_titles": others}
    elif posts[0].lead not in first:
        sentence += f" {posts[0].lead}"
    return wording.shortened(sentence, PREHEADER_LENGTH)


def _skills(reason: Mapping[str, Any]) -> list[str]:
    for clause in reason.get("clauses", ()):
        if clause["code"] == "skills":
            return list(clause["skills"])
    return []


def _skill_subject(skills: list[str], start: dt.date | None, tail: str) -> str:
    """'Klus in Python en SQL vanaf januari, en vier andere berichten', with as many skills as there is room for."""
    said = ""
    for some in (skills, skills[:2], skills[:1]):
        values = {"skills": reasons.listed(some), "month": wording.month(start) if start else ""}
        said = _("%(skills)s gig from %(month)s") % values if start else _("%(skills)s gig") % values
        if len(said + tail) <= SUBJECT_LENGTH:
            return said + tail
    return wording.shortened(said, SUBJECT_LENGTH - len(tail)) + tail


def _title_subject(post: ItemPieces, tail: str) -> str:
    template = _("Gig: %(title)s") if post.kind == Kind.GIG else "%(title)s"
    if post.kind == Kind.VACANCY and post.pay:
        template = f"%(title)s, {post.pay}"
    room = SUBJECT_LENGTH - len(tail) - len(template % {"title": ""})
    if room < 20:  # no room for the pay beside the title
        template, room = "%(title)s", SUBJECT_LENGTH - len(tail)
    return template % {"title": wording.shortened(post.title, room)} + tail
