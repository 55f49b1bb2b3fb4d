"""Filters of the list of members."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from alumni.members.models import Language, Member
from alumni.members.names import sort_key
from alumni.members.serializers import KINDS, STATES
from alumni.members.skills import canonical_keys

# The states in which a consent counts; what they mean is decided in the room of consent.
_IN_FORCE = ("given", "renewed")


def consenting(purpose: str) -> Q:
    """Members whose consent for this purpose is in force now. By the relation's name: consent is a room above."""
    rows = Member.objects.filter(
        Q(consent_states__valid_until=None) | Q(consent_states__valid_until__gt=timezone.now()),
        pk=OuterRef("pk"),
        consent_states__purpose=purpose,
        consent_states__state__in=_IN_FORCE,
    )
    return Q(Exists(rows))


class MemberFilter(django_filters.FilterSet):
    """Filters by field name; several are all to hold."""

    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in KINDS], method="of_kind")
    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES], method="in_state")
    language = django_filters.ChoiceFilter(choices=Language.choices)
    city = django_filters.CharFilter(lookup_expr="iexact")
    department = django_filters.CharFilter(field_name="employments__department", lookup_expr="iexact", distinct=True)
    skill = django_filters.CharFilter(method="with_any_skill", help_text="Any of these, parted by commas.")
    skill_all = django_filters.CharFilter(method="with_all_skills", help_text="All of these, parted by commas.")
    consent = django_filters.CharFilter(method="who_consents", help_text="A purpose, like gigs, in force now.")
    left_after = django_filters.DateFilter(field_name="employments__ended_on", lookup_expr="gte", distinct=True)
    left_before = django_filters.DateFilter(field_name="employments__ended_on", lookup_expr="lte", distinct=True)
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    q = django_filters.CharFilter(method="by_name", help_text="In the name, whatever the case or accents.")

    class Meta:
        model = Member
        fields: list[str] = []

    def of_kind(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        return members.filter(**{f"is_{value}": True})

    def in_state(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        paused = Q(paused_until__gte=timezone.localdate())
        joined = Q(joined_at__isnull=False, left_at=None)
        conditions: dict[str, Q] = {
            "left": Q(left_at__isnull=False),
            "not_joined": Q(joined_at=None, left_at=None),
            "paused": joined & paused,
            "joined": joined & ~paused,
        }
        # `~paused` on a null date is null in SQL: who never paused is not paused.
        conditions["joined"] = joined & (Q(paused_until=None) | Q(paused_until__lt=timezone.localdate()))
        return members.filter(conditions[value])

    def with_any_skill(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        return members.filter(member_skills__skill__key__in=_skill_keys(value)).distinct()

    def with_all_skills(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        for key in _skill_keys(value):
            members = members.filter(member_skills__skill__key=key)
        return members

    def who_consents(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        return members.filter(consenting(value))

    def by_name(self, members: QuerySet[Member], _name: str, value: str) -> QuerySet[Member]:
        for word in sort_key(value).split():
            members = members.filter(sort_name__contains=word)
        return members


def _skill_keys(value: str) -> list[str]:
    names: list[Any] = [part for part in value.split(",") if part.strip()][:20]
    return sorted(set(canonical_keys(names).values())) if names else []
