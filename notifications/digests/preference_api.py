"""GET and PATCH /me/preferences/: how often, when, in which language, and a pause."""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.models import User
from alumni.members.models import Language, Member
from backend.http.etags import ETagMixin, check_if_match, of_version
from backend.http.scopes import IsMember
from backend.http.serializers import StrictSerializer
from notifications.digests import preferences
from notifications.digests.models import Frequency, Preference, Weekday

_EXAMPLE = {"frequency": "fortnightly", "weekday": 4, "hour": 18, "paused_until": "2027-01-15"}


@extend_schema_serializer(examples=[OpenApiExample("Every two weeks, paused", value=_EXAMPLE, request_only=True)])
class PreferenceSerializer(StrictSerializer):
    """My rhythm. `hour` is on my own clock; `paused_until` is the last day of the pause, null for none."""

    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.ChoiceField(choices=Weekday.choices, help_text="1 is Monday, 7 is Sunday.")
    hour = serializers.IntegerField(min_value=0, max_value=23)
    timezone = serializers.CharField(source="member.timezone", max_length=40, help_text="As in Europe/Amsterdam.")
    language = serializers.ChoiceField(source="member.language", choices=Language.choices)
    paused_until = serializers.DateField(source="member.paused_until", allow_null=True)
    next_due = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="When my next digest is due; null while I agreed to no e-mail."
    )


class MyPreferencesView(ETagMixin, APIView):
    """Preferences of the member who asks."""

    permission_classes = (IsMember,)

    @extend_schema(operation_id="me_preferences_retrieve", responses=PreferenceSerializer)
    def get(self, request: Request) -> Response:
        """My rhythm, language and pause."""
        return _answer(preferences.current(_member(request)))

    @extend_schema(
        operation_id="me_preferences_update", request=PreferenceSerializer(partial=True), responses=PreferenceSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change what is named. A digest that is due already still comes; then the new rhythm holds."""
        serializer = PreferenceSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changes: dict[str, Any] = dict(serializer.validated_data)
        changes |= changes.pop("member", {})
        with transaction.atomic():
            member = Member.objects.select_for_update().get(pk=_member(request).pk)
            check_if_match(request, _etag(preferences.ensure(member), member))
            preference = preferences.update(member=member, **changes)
        return _answer(preference)


def _member(request: Request) -> Member:
    assert isinstance(request.user, User)
    return request.user.member


def _etag(preference: Preference, member: Member) -> str:
    """Language, time zone and pause stand on the member's row, which has a version of its own."""
    return of_version("preference", member.uid, preference.version, member.version, preference.next_due)


def _answer(preference: Preference) -> Response:
    member = Member.objects.get(pk=preference.pk)
    preference.member = member
    return Response(PreferenceSerializer(preference).data, headers={"ETag": _etag(preference, member)})
