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
from collections.abc import Container, Iterable, Mapping, Sequence
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


def _skill_names(member: MemberFacts, post: PostFacts) -> list[str]:
    """The skills in common, required ones first, as many as a reason names."""
    shared = [post.skills[skill] for skill in member.skills & post.skills.keys()]
    shared.sort(key=lambda skill: (not skill[1], skill[0]))
    return [name for name, _required in shared[:SKILLS_THAT_COUNT]]


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


def _score(member: MemberFacts, post: PostFacts, shared: Sequence[int]) -> dict[str, int]:
    """The parts of the score, only those above 0. `shared`: how many required and wished skills are in common.

    A place or free time in common raises a post only where a skill or a role already fits: living in Utrecht makes
    nobody a psychiatrist.
    """
    parts: dict[str, int] = {}
    required, wished = shared
    if required or wished:
        skills = REQUIRED_SKILL * min(required, SKILLS_THAT_COUNT) + WISHED_SKILL * min(wished, SKILLS_THAT_COUNT)
        parts["skills"] = skills
    if member.roles and _role_in(member, post):
        parts["role"] = ROLE
    if parts and _is_free(member, post):
        parts["availability"] = AVAILABILITY
    if parts and post.city and post.city == member.city:
        parts["place"] = PLACE
    return parts


def _reason(member: MemberFacts, post: PostFacts, parts: Mapping[str, int]) -> dict[str, Any]:
    """Why it fits, the most specific first."""
    clauses: list[dict[str, Any]] = []
    if "skills" in parts:
        clauses.append({"code": "skills", "skills": _skill_names(member, post)})
    if "role" in parts and (role := _role_in(member, post)):
        clauses.append({"code": "role", "role": role.title})
    if "availability" in parts:
        clauses.append(_availability(member))
    if "place" in parts:
        clauses.append({"code": "place", "place": post.place})
    return {"code": "match", "clauses": clauses[:MOST_CLAUSES]}


def _plain_reason(member: MemberFacts, post: PostFacts) -> dict[str, Any]:
    """Without a match: what they agreed to (and when), or, with matching off, the purpose that they chose."""
    if member.matching and post.purpose in member.consents:
        return {"code": "consent", "purpose": post.purpose, "on": str(member.consents[post.purpose])}
    return {"code": "purpose", "purpose": post.purpose}


class Board:
    """Posts laid out for matching, once for many members: newest first, and which of them a skill or word touches."""

    def __init__(self, posts: Iterable[PostFacts]) -> None:
        self.posts = sorted(posts, key=lambda post: (post.published_at, post.post_id), reverse=True)
        self._by_skill: dict[int, list[tuple[int, bool]]] = {}
        self._by_word: dict[str, list[int]] = {}
        for place, post in enumerate(self.posts):
            for skill, (_name, required) in post.skills.items():
                self._by_skill.setdefault(skill, []).append((place, required))
            for word in post.title_words:
                self._by_word.setdefault(word, []).append(place)

    def touched_by(self, member: MemberFacts) -> dict[int, list[int]]:
        """{place of a post: [required, wished] skills in common}, of those that could fit; the others score nothing."""
        touched: dict[int, list[int]] = {}
        for skill in member.skills:
            for place, required in self._by_skill.get(skill, ()):
                touched.setdefault(place, [0, 0])[not required] += 1
        for role in member.roles:
            for word in role.words:
                for place in self._by_word.get(word, ()):
                    touched.setdefault(place, [0, 0])
        return touched


def rank(
    member: MemberFacts, board: Board, eligible: Container[int] | None = None, limit: int | None = None
) -> list[Ranked]:
    """The posts, the best fitting first and equal ones the newest first; without consent for matching the newest first.

    `eligible`: ids of the posts that are for this member (None: all). `limit`: how many to return (None: all).
    """
    posts = board.posts
    fitting: list[tuple[int, int, dict[str, int]]] = []
    for place, shared in (board.touched_by(member) if member.matching else {}).items():
        if eligible is None or posts[place].post_id in eligible:
            parts = _score(member, posts[place], shared)
            if parts:
                fitting.append((-sum(parts.values()), place, parts))
    fitting.sort(key=lambda one: one[:2])
    ranked = [Ranked(posts[at], parts, _reason(member, posts[at], parts)) for _total, at, parts in fitting[:limit]]
    matched = {place for _total, place, _parts in fitting}
    for place, post in enumerate(posts):
        if limit is not None and len(ranked) >= limit:
            break
        if place not in matched and (eligible is None or post.post_id in eligible):
            ranked.append(Ranked(post, {}, _plain_reason(member, post)))
    return ranked
