"""What the room of members holds on a person: the profile itself."""

from typing import Any

from django.db.models import Model
from django.forms.models import model_to_dict

from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill

MODELS: dict[type[Model], str] = {
    Member: "deleted",
    Employment: "deleted",
    FreelanceProfile: "deleted",
    MemberSkill: "deleted; the skill itself says nothing about a person and stays",
}


def export(member: Member) -> dict[str, Any]:
    """The profile: names, address, place, employments, freelance profile, skills, and where each came from."""
    profile = FreelanceProfile.objects.filter(member=member).first()
    return {
        "member": model_to_dict(member, exclude=["id", "user"]),
        "employments": [
            model_to_dict(row, exclude=["id", "member"]) for row in Employment.objects.filter(member=member)
        ],
        "freelance_profile": model_to_dict(profile, exclude=["member"]) if profile else None,
        "skills": sorted(MemberSkill.objects.filter(member=member).values_list("skill__name", flat=True)),
    }


def erase(member: Member) -> None:
    """Delete the member with all that hangs on them. `member` keeps its values in memory for the rooms below."""
    Member.objects.filter(pk=member.pk).delete()
