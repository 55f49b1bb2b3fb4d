"""Loads what the match may see: for a chunk of members and for the posts of a run: a constant number of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from alumni.consent.models import Purpose
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill, Skill
from notifications.digests.match import MemberFacts, PostFacts, Role, place_key, words_of
from notifications.posts.models import Post, PostText, VersionSkill, WorkTerms

Consents = Mapping[int, Mapping[str, dt.date]]


def merged_skills() -> dict[int, int]:
    """{skill: what it was merged into}, for those that were. Rows may still point to either."""
    return dict(Skill.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into_id"))


@lru_cache(maxsize=10_000)
def _role(title: str) -> Role:
    return Role(title, words_of(title))


def of_members(members: Collection[Member], consents: Consents, merged: Mapping[int, int]) -> dict[int, MemberFacts]:
    """{member id: facts}; three queries. `consents`: per member the purposes that may be acted on now, and since when.

    Who did not consent to matching gets facts without a profile: what was not read cannot be used.
    """
    matching = [member.pk for member in members if Purpose.MATCHING in consents.get(member.pk, {})]
    skills: dict[int, set[int]] = defaultdict(set)
    for member_id, skill_id in MemberSkill.objects.filter(member_id__in=matching).values_list("member_id", "skill_id"):
        skills[member_id].add(merged.get(skill_id, skill_id))
    roles: dict[int, list[Role]] = defaultdict(list)
    held = Employment.objects.filter(member_id__in=matching).exclude(role="").order_by("member_id", "-started_on", "pk")
    for member_id, title in held.values_list("member_id", "role"):
        roles[member_id].append(_role(title))
    freelance = FreelanceProfile.objects.in_bulk(matching)
    facts = {}
    for member in members:
        given = consents.get(member.pk, {})
        if Purpose.MATCHING not in given:
            facts[member.pk] = MemberFacts(member.pk, matching=False, consents=given)
            continue
        profile = freelance.get(member.pk)
        facts[member.pk] = MemberFacts(
            member.pk,
            matching=True,
            skills=frozenset(skills.get(member.pk, ())),
            roles=tuple(roles.get(member.pk, ())),
            city=place_key(member.city),
            available_from=profile.available_from if profile else None,
            available_until=profile.available_until if profile else None,
            hours=(profile.hours_max or profile.hours_min) if profile else None,
            consents=given,
        )
    return facts


def of_posts(posts: Iterable[Post], merged: Mapping[int, int]) -> list[PostFacts]:
    """Facts of published posts, by their current version; three queries however many posts."""
    by_version = {post.current_version_id: post for post in posts if post.current_version_id is not None}
    titles: dict[int, set[str]] = defaultdict(set)
    for version_id, title in PostText.objects.filter(version_id__in=by_version).values_list("version_id", "title"):
        titles[version_id] |= words_of(title)
    skills: dict[int, dict[int, tuple[str, bool]]] = defaultdict(dict)
    wanted = VersionSkill.objects.filter(version_id__in=by_version).order_by(
        "required"
    )  # the required one has the last word
    for version_id, skill_id, name, merged_name, required in wanted.values_list(
        "version_id", "skill_id", "skill__name", "skill__merged_into__name", "required"
    ):
        skills[version_id][merged.get(skill_id, skill_id)] = (merged_name or name, required)
    terms = WorkTerms.objects.in_bulk(list(by_version))
    facts = []
    for version_id, post in by_version.items():
        offer = terms.get(version_id)
        facts.append(
            PostFacts(
                post_id=post.pk,
                version_id=version_id,
                kind=post.kind,
                purpose=post.purpose,
                published_at=post.published_at or post.created_at,
                skills=skills.get(version_id, {}),
                title_words=frozenset(titles.get(version_id, ())),
                place=offer.place if offer else "",
                city=place_key(offer.place) if offer else "",
                start=offer.start if offer else None,
            )
        )
    return facts
