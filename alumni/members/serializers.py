"""Members as the API shows and takes them."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from alumni.members.models import FreelanceProfile, Member, RateUnit
from backend.http.money import MoneySerializer
from backend.http.serializers import StrictSerializer

KINDS = ("alumnus", "freelancer")
STATES = ("joined", "not_joined", "paused", "left")


class EmploymentSerializer(serializers.Serializer[Any]):
    """A period in which the member worked here."""

    role = serializers.CharField()
    department = serializers.CharField()
    started_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True)


class FreelanceSerializer(serializers.Serializer[Any]):
    """A freelance profile. `rate` excludes VAT; null where the freelancer has not said."""

    trade_name = serializers.CharField()
    kvk = serializers.CharField()
    enterprise_no = serializers.CharField()
    vat_id = serializers.CharField()
    rate = serializers.SerializerMethodField()
    hours_min = serializers.IntegerField(allow_null=True)
    hours_max = serializers.IntegerField(allow_null=True)
    available_from = serializers.DateField(allow_null=True)
    available_until = serializers.DateField(allow_null=True)
    available_confirmed_on = serializers.DateField(allow_null=True)

    @extend_schema_field(MoneySerializer(allow_null=True))
    def get_rate(self, profile: FreelanceProfile) -> dict[str, str] | None:
        low, high = profile.rate_min or profile.rate_max, profile.rate_max or profile.rate_min
        if low is None or high is None:
            return None
        return {"min": f"{low:.2f}", "max": f"{high:.2f}", "currency": profile.currency, "unit": profile.rate_unit}


class MemberSerializer(serializers.Serializer[Any]):
    """A member as HR and integrations see them. `freelance` shows only while the member consents to gigs."""

    id = serializers.UUIDField(source="uid")
    given_name = serializers.CharField()
    infix = serializers.CharField()
    family_name = serializers.CharField()
    email = serializers.EmailField()
    kinds = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    city = serializers.CharField()
    country = serializers.CharField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    paused_until = serializers.DateField(allow_null=True)
    permission_remark = serializers.CharField(help_text="yes, no or empty: what was said at the exit. No consent.")
    source = serializers.CharField()  # type: ignore[assignment]  # the field of that name, not DRF's own
    joined_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    employments = EmploymentSerializer(many=True)
    skills = serializers.SerializerMethodField()
    freelance = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=KINDS)))
    def get_kinds(self, member: Member) -> list[str]:
        return [kind for kind, is_it in zip(KINDS, (member.is_alumnus, member.is_freelancer), strict=True) if is_it]

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, member: Member) -> str:
        if member.left_at is not None:
            return "left"
        if member.joined_at is None:
            return "not_joined"
        return "paused" if member.is_paused(timezone.localdate()) else "joined"

    def get_skills(self, member: Member) -> list[str]:
        return sorted(link.skill.name for link in member.member_skills.all())

    @extend_schema_field(FreelanceSerializer(allow_null=True))
    def get_freelance(self, member: Member) -> dict[str, Any] | None:
        profile: FreelanceProfile | None = getattr(member, "freelance", None)
        if profile is None or not self.shows_freelance(member):
            return None
        return FreelanceSerializer(profile).data

    def shows_freelance(self, member: Member) -> bool:
        return bool(getattr(member, "has_gigs_consent", False))


class MeSerializer(MemberSerializer):
    """A member as they see themselves: everything that is theirs."""

    permission_remark = None  # type: ignore[assignment]
    source = None  # type: ignore[assignment]

    def shows_freelance(self, member: Member) -> bool:
        return True


@extend_schema_serializer(examples=[OpenApiExample("Moved", value={"city": "Zeist"}, request_only=True)])
class MemberInput(StrictSerializer):
    """What may be changed of a member."""

    given_name = serializers.CharField(max_length=100)
    infix = serializers.CharField(max_length=30, allow_blank=True, required=False)
    family_name = serializers.CharField(max_length=150)
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    country = serializers.RegexField("^[A-Z]{2}$", required=False, help_text="ISO 3166-1.")
    language = serializers.CharField(max_length=5, required=False, help_text="BCP 47: nl or en.")
    timezone = serializers.CharField(max_length=40, required=False, help_text="IANA, like Europe/Amsterdam.")


class EmploymentInput(StrictSerializer):
    """A period of work here."""

    role = serializers.CharField(max_length=200, allow_blank=True, default="")
    department = serializers.CharField(max_length=200, allow_blank=True, default="")
    started_on = serializers.DateField()
    ended_on = serializers.DateField(allow_null=True, default=None)
    external_id = serializers.CharField(max_length=100, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        started: dt.date = attrs["started_on"]
        if attrs["ended_on"] is not None and attrs["ended_on"] < started:
            raise serializers.ValidationError(
                {"ended_on": _("The last day comes before the first. Swap them.")}, code="order"
            )
        return attrs


_NATHAN = {
    "given_name": "Nathan",
    "infix": "van der",
    "family_name": "Kamp",
    "email": "nathan@thuis.example",
    "kinds": ["alumnus"],
    "city": "Utrecht",
    "language": "nl",
    "source": "hr-system",
    "employments": [{"role": "Verpleegkundige", "started_on": "2020-02-12", "ended_on": "2026-10-31"}],
}


@extend_schema_serializer(examples=[OpenApiExample("A leaver", value=_NATHAN, request_only=True)])
class NewMemberInput(MemberInput):
    """One person to add. Adding somebody gives them no consent and mails them nothing."""

    email = serializers.EmailField(max_length=254)
    kinds = serializers.MultipleChoiceField(choices=KINDS, allow_empty=False)
    source = serializers.SlugField(  # type: ignore[assignment]
        max_length=100, required=False, help_text="The system it comes from."
    )
    employments = EmploymentInput(many=True, required=False)


_SKILLS = {"skills": ["PostgreSQL", "Python"]}


@extend_schema_serializer(examples=[OpenApiExample("Two skills", value=_SKILLS, request_only=True)])
class SkillsInput(StrictSerializer):
    """The member's skills, all of them: what is not named goes. At most 50."""

    skills = serializers.ListField(child=serializers.CharField(max_length=100), max_length=200)


class SkillsSerializer(serializers.Serializer[Any]):
    """Skills by their usual names: what was sent as postgres comes back as PostgreSQL."""

    skills = serializers.ListField(child=serializers.CharField())


class RateInput(MoneySerializer):
    """A rate, excluding VAT."""

    unit = serializers.ChoiceField(choices=[RateUnit.HOUR.value, RateUnit.DAY.value])


_RATE = {"min": "80.00", "max": "95.00", "currency": "EUR", "unit": "hour"}
_FREELANCE = {"trade_name": "Noor Bakker Data", "rate": _RATE, "available_from": "2027-03-01"}


@extend_schema_serializer(examples=[OpenApiExample("Free from March", value=_FREELANCE, request_only=True)])
class FreelanceInput(StrictSerializer):
    """A freelance profile; fields that are not named keep their value. null takes a value away."""

    trade_name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    kvk = serializers.CharField(max_length=20, allow_blank=True, required=False)
    enterprise_no = serializers.CharField(max_length=20, allow_blank=True, required=False)
    vat_id = serializers.CharField(max_length=20, allow_blank=True, required=False)
    rate = RateInput(required=False, allow_null=True)
    hours_min = serializers.IntegerField(min_value=1, max_value=80, allow_null=True, required=False)
    hours_max = serializers.IntegerField(min_value=1, max_value=80, allow_null=True, required=False)
    available_from = serializers.DateField(allow_null=True, required=False)
    available_until = serializers.DateField(allow_null=True, required=False)

    def to_profile(self) -> dict[str, Any]:
        """The validated input by the names of the model's fields."""
        values = dict(self.validated_data)
        if "rate" in values:
            rate = values.pop("rate")
            values |= {"rate_min": rate and rate["min"], "rate_max": rate and rate["max"]}
            if rate:
                values |= {"currency": rate["currency"], "rate_unit": rate["unit"]}
        return values
