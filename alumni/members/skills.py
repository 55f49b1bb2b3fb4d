"""Skills: one row for one thing, however it is written."""

import unicodedata
from collections.abc import Iterable

from django.db import transaction

from alumni.members.models import Member, MemberSkill, Skill, SkillAlias

MAX_SKILLS = 50


def skill_key(name: str) -> str:
    """What two spellings of a skill have in common: no case, accents, spaces or punctuation but `+` and `#`.

    'PostgreSQL' and 'postgre sql' agree; 'C', 'C++' and 'C#' do not.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return "".join(c for c in plain.casefold() if c.isalnum() or c in "+#")[:100]


def resolve(names: Iterable[str]) -> dict[str, Skill]:
    """{key: skill} for names, by key or alias; merged skills lead to what they were merged into.

    Makes the missing ones. Runs a constant number of queries however many names there are.
    """
    wanted = {skill_key(name): " ".join(name.split())[:100] for name in names}
    wanted.pop("", None)
    found = {skill.key: skill for skill in Skill.objects.filter(key__in=wanted).select_related("merged_into")}
    for alias in SkillAlias.objects.filter(key__in=wanted).select_related("skill__merged_into"):
        found.setdefault(alias.key, alias.skill)
    missing = [Skill(name=name, key=key) for key, name in wanted.items() if key not in found]
    if missing:
        Skill.objects.bulk_create(missing, ignore_conflicts=True)
        found |= {skill.key: skill for skill in Skill.objects.filter(key__in=[skill.key for skill in missing])}
    return {key: skill.merged_into or skill for key, skill in found.items()}


def canonical_keys(names: Iterable[str]) -> dict[str, str]:
    """{skill_key of a name: key of the skill that it means}, by alias and merging. Makes nothing; two queries."""
    keys = {skill_key(name) for name in names}
    found = {key: key for key in keys}
    if not keys:
        return found
    aliases = SkillAlias.objects.filter(key__in=keys).values_list("key", "skill__key", "skill__merged_into__key")
    found |= {alias: merged or key for alias, key, merged in aliases}
    merged_skills = Skill.objects.filter(key__in=keys).values_list("key", "merged_into__key")
    return found | {key: merged or key for key, merged in merged_skills}


@transaction.atomic
def set_skills(*, member: Member, names: list[str]) -> None:
    """Make these the member's skills, and no others."""
    skills = {skill.pk for skill in resolve(names).values()}
    MemberSkill.objects.filter(member=member).exclude(skill_id__in=skills).delete()
    MemberSkill.objects.bulk_create(
        [MemberSkill(member=member, skill_id=pk) for pk in sorted(skills)], ignore_conflicts=True
    )
