"""How well posts fit a member, and why: pure functions over facts.

The match decides order and words, never whether: the audience and the consent do that. Fixed rules on what the member
gave (skills, roles held here, city, availability); the same input gives the same output. `MemberFacts` is all that a
rule can see, so there is none on sex, age, origin, photo or name.

A reason is {"code": …, values}, kept on the item and put into words by `reasons.py`:

    {"code": "match", "clauses": [{"code": "skills", "skills": ["Python"]}, …]}
    {"code": "consent", "purpose": "gigs", "on": "2026-03-12"}   nothing fits in particular: what they agreed to
    {"code": "purpose", "purpose": "gigs"}                       matching is off: what they chose
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# The named parts of a score. A required skill weighs heavily; a place or free time alone makes no match.
REQUIRED_SKILL = 12
WISHED_SKILL = 4
ROLE = 8
AVAILABILITY = 3
PLACE = 2
# As many skills of each sort count, and as many are named in a reason.
SKILLS_THAT_COUNT = 3
MOST_CLAUSES = 2
# Words that stand in so many role titles that sharing one says nothing.
COMMON_WORDS = frozenset({
    "aankomend", "allround", "assistent", "associate", "coordinator", "functionaris", "junior", "lead", "manager",
    "medewerker", "medior", "officer", "onder", "parttime", "fulltime", "senior", "specialist", "staff", "team",
    "teamleider", "teamlid", "voor", "with",
})  # fmt: skip


class Role(NamedTuple):
    """A role that a member held here, and the significant words in it (`words_of`)."""

    title: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a rule may see of a member. Skills are ids, synonyms and merged ones resolved; `city` is a `place_key`."""

    member_id: int
    matching: bool
    skills: frozenset[int] = frozenset()
    roles: tuple[Role, ...] = ()
    city: str = ""
    available_from: dt.date | None = None
    available_until: dt.date | None = None
    hours: int | None = None
    # {purpose: the day on which consent was given}
    consents: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a rule may see of a post. `skills`: {skill id: (name, required)}; `title_words` over all its languages;
    `city` is `place_key(place)`."""

    post_id: int
    version_id: int
    kind: str
    purpose: str
    published_at: dt.datetime
    skills: Mapping[int, tuple[str, bool]] = field(default_factory=dict)
    title_words: frozenset[str] = frozenset()
    place: str = ""
    city: str = ""
    start: dt.date | None = None


class Ranked(NamedTuple):
    """A post in its place, the parts of its score by name, and the reason."""

    post: PostFacts
    parts: dict[str, int]
    reason: dict[str, Any]


def words_of(title: str) -> frozenset[str]:
    """The significant words of a title: no case, accents, short or common words. 'Senior GZ-psycholoog': psycholoog."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))
    return frozenset(word for word in re.findall(r"\w+", plain) if len(word) > 3 and word not in COMMON_WORDS)


def place_key(place: str) -> str:
    """What two spellings of a place have in common."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", place.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z]+", plain))


def _skill_parts(member: MemberFacts, post: PostFacts) -> tuple[int, list[str]]:
    """The score for skills in common, and their names, required ones first."""
    if member.skills.isdisjoint(post.skills):
        return 0, []
    shared = [post.skills[skill] for skill in sorted(member.skills & post.skills.keys())]
    required = sorted(name for name, is_required in shared if is_required)
    wished = sorted(name for name, is_required in shared if not is_required)
    score = REQUIRED_SKILL * min(len(required), SKILLS_THAT_COUNT) + WISHED_SKILL * min(len(wished), SKILLS_THAT_COUNT)
    return score, (required + wished)[:SKILLS_THAT_COUNT]


def _role_in(member: MemberFacts, post: PostFacts) -> Role | None:
    """The latest role held here whose significant words stand, at least half of them, in the post's title."""
    for role in member.roles:
        if role.words and 2 * len(role.words & post.title_words) >= len(role.words):
            return role
    return None


def _is_free(member: MemberFacts, post: PostFacts) -> bool:
    if member.available_from is None or post.start is None:
        return False
    ends_before = member.available_until is not None and member.available_until < post.start
    return member.available_from <= post.start and not ends_before


def _availability(member: MemberFacts) -> dict[str, Any]:
    clause: dict[str, Any] = {"code": "available", "from": str(member.available_from)}
    return clause | ({"hours": member.hours} if member.hours else {})


def fit(member: MemberFacts, post: PostFacts) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """The parts of the score (only those above 0) and the clauses of the reason, the most specific first.

    A place or free time in common raises a post only where a skill or a role already fits: living in Utrecht makes
    nobody a psychiatrist.
    """
    parts: dict[str, int] = {}
    clauses: list[dict[str, Any]] = []
    score, names = _skill_parts(member, post)
    if score:
        parts["skills"] = score
        clauses.append({"code": "skills", "skills": names})
    if member.roles and post.title_words and (role := _role_in(member, post)):
        parts["role"] = ROLE
        clauses.append({"code": "role", "role": role.title})
    if parts and _is_free(member, post):
        parts["availability"] = AVAILABILITY
        clauses.append(_availability(member))
    if parts and post.city and post.city == member.city:
        parts["place"] = PLACE
        clauses.append({"code": "place", "place": post.place})
    return parts, clauses[:MOST_CLAUSES]


def _plain_reason(member: MemberFacts, post: PostFacts) -> dict[str, Any]:
    """Without a match: what they agreed to (and when), or, with matching off, the purpose that they chose."""
    if member.matching and post.purpose in member.consents:
        return {"code": "consent", "purpose": post.purpose, "on": str(member.consents[post.purpose])}
    return {"code": "purpose", "purpose": post.purpose}


class Board:
    """Posts laid out for matching, once for many members: newest first, and which of them a skill or word touches."""

    def __init__(self, posts: Iterable[PostFacts]) -> None:
        self.posts = sorted(posts, key=lambda post: (post.published_at, post.post_id), reverse=True)
        self._by_skill: dict[int, list[int]] = {}
        self._by_word: dict[str, list[int]] = {}
        for place, post in enumerate(self.posts):
            for skill in post.skills:
                self._by_skill.setdefault(skill, []).append(place)
            for word in post.title_words:
                self._by_word.setdefault(word, []).append(place)

    def touched_by(self, member: MemberFacts) -> list[int]:
        """The places of posts that could fit: all others surely score nothing."""
        places: set[int] = set()
        for skill in member.skills:
            places.update(self._by_skill.get(skill, ()))
        for role in member.roles:
            for word in role.words:
                places.update(self._by_word.get(word, ()))
        return sorted(places)


def rank(
    member: MemberFacts, board: Board, eligible: Container[int] | None = None, limit: int | None = None
) -> list[Ranked]:
    """The posts, the best fitting first and equal ones the newest first; without consent for matching the newest first.

    `eligible`: ids of the posts that are for this member (None: all). `limit`: how many to return (None: all).
    """
    posts = board.posts
    fitting: list[tuple[int, int, Ranked]] = []
    for place in board.touched_by(member) if member.matching else ():
        post = posts[place]
        if eligible is None or post.post_id in eligible:
            parts, clauses = fit(member, post)
            if parts:
                reason = {"code": "match", "clauses": clauses}
                fitting.append((-sum(parts.values()), place, Ranked(post, parts, reason)))
    fitting.sort(key=lambda one: one[:2])
    ranked = [one[2] for one in fitting[:limit]]
    matched = {place for _score, place, _ranked in fitting}
    for place, post in enumerate(posts):
        if limit is not None and len(ranked) >= limit:
            break
        if place not in matched and (eligible is None or post.post_id in eligible):
            ranked.append(Ranked(post, {}, _plain_reason(member, post)))
    return ranked
