"""What members hold on a person: the profile."""

from typing import Any

from django.db.models import Model

from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill, Skill

MODELS: dict[type[Model], str] = {
    Member: "deleted",
    Employment: "deleted",
    FreelanceProfile: "deleted",
    MemberSkill: "deleted; a skill that nobody else and no post names goes too",
}
# Columns that only serve the machine.
_INSIDE = {"id", "email_key", "sort_name", "user", "member", "version"}


def _fields(row: Model) -> dict[str, Any]:
    """Every stored value of a row but those inside, as JSON knows it."""
    fields = [field for field in row._meta.concrete_fields if field.name not in _INSIDE]
    values = {field.name: getattr(row, field.name) for field in fields}
    return {
        name: value if value is None or isinstance(value, bool | int | str) else str(value)
        for name, value in values.items()
    }


def export(member: Member) -> dict[str, Any]:
    """The whole profile, with where each part came from (`source`)."""
    skills = MemberSkill.objects.filter(member=member).select_related("skill")
    return {
        "profile": _fields(member),
        "employments": [_fields(row) for row in Employment.objects.filter(member=member).order_by("pk")],
        "freelance": [_fields(row) for row in FreelanceProfile.objects.filter(member=member)],
        "skills": sorted(link.skill.name for link in skills),
    }


def erase(member: Member) -> None:
    """Delete the member with the profile, and skills that were theirs alone: people write odd things there."""
    skills = list(MemberSkill.objects.filter(member=member).values_list("skill_id", flat=True))
    Member.objects.filter(pk=member.pk).delete()
    lonely = Skill.objects.filter(pk__in=skills)
    for relation in Skill._meta.related_objects:
        name = relation.field.name
        lonely = lonely.exclude(pk__in=relation.related_model._default_manager.exclude(**{name: None}).values(name))
    lonely.delete()
