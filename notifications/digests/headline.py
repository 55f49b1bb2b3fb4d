"""The subject names the best item; the preheader goes on where the subject stops."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.digests import wording
from notifications.digests.item_pieces import ItemPieces
from notifications.posts.models import Kind

SUBJECT_LENGTH = 70
PREHEADER_LENGTH = 130
# More than a digest ever holds, also one that was made when the setting was higher.
MOST_ITEMS = 100


class Headline(NamedTuple):
    """Both, as plain text."""

    subject: str
    preheader: str


class Headlines:
    """Headlines in one language. Its words are looked up once, not for each member."""

    def __init__(self, language: str) -> None:
        with override(language):
            self._and_others = [wording.and_others(n) for n in range(MOST_ITEMS)]
            self._listed = _("%(list)s and %(last)s")
            self._skills_from = _("%(skills)s gig from %(month)s")
            self._skills = _("%(skills)s gig")
            self._gig = _("Gig: %(title)s")
            self._also = _("Also: %(other_titles)s.")
            self._months = [wording.month(dt.date(2000, number, 1)) for number in range(1, 13)]

    def of(self, posts: Sequence[ItemPieces], reason: Mapping[str, Any]) -> Headline:
        """For the posts in their order. `reason` is that of the first."""
        best = posts[0]
        tail = self._and_others[len(posts) - 1]
        skills = _skills(reason) if best.kind == Kind.GIG else []
        if skills:
            return Headline(
                self._skill_subject(skills, best.start, tail), self._preheader(posts, [best.title, best.pay])
            )
        return Headline(self._title_subject(best, tail), self._preheader(posts, [best.pay or best.lead]))

    def _preheader(self, posts: Sequence[ItemPieces], first: list[str]) -> str:
        sentence = ", ".join(part for part in first if part).rstrip(".…") + "."
        if len(posts) > 1:
            # Eleven titles would not be seen anyway.
            sentence += " " + self._also % {"other_titles": ", ".join([post.title for post in posts[1:5]])}
        elif posts[0].lead not in first:
            sentence += f" {posts[0].lead}"
        return wording.shortened(sentence, PREHEADER_LENGTH)

    def _skill_subject(self, skills: list[str], start: dt.date | None, tail: str) -> str:
        """'Klus in Python en SQL vanaf januari, en vier andere berichten', with as many skills as there is room for."""
        template = self._skills_from if start else self._skills
        month = self._months[start.month - 1] if start else ""
        said = ""
        for some in (skills, skills[:2], skills[:1]):
            words = some[0] if len(some) == 1 else self._listed % {"list": ", ".join(some[:-1]), "last": some[-1]}
            said = template % {"skills": words, "month": month}
            if len(said) + len(tail) <= SUBJECT_LENGTH:
                return said + tail
        return wording.shortened(said, SUBJECT_LENGTH - len(tail)) + tail

    def _title_subject(self, post: ItemPieces, tail: str) -> str:
        template = self._gig if post.kind == Kind.GIG else "%(title)s"
        pay = f", {post.pay}" if post.kind == Kind.VACANCY and post.pay else ""
        room = SUBJECT_LENGTH - len(tail) - len(pay) - len(template % {"title": ""})
        if room < 20:  # no room for the pay beside the title
            room, pay = room + len(pay), ""
        return template % {"title": wording.shortened(post.title, room)} + pay + tail


def _skills(reason: Mapping[str, Any]) -> list[str]:
    for clause in reason.get("clauses", ()):
        if clause["code"] == "skills":
            return list(clause["skills"])
    return []
