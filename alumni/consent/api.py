"""GET and POST /me/consents/: what a member agreed to, and changing it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.models import User
from alumni.consent import acts, ledger, standing
from alumni.consent.acts import Channel, Method
from alumni.consent.models import OFFERED_PURPOSES, State
from alumni.members.models import Member
from backend.http.etags import ETagMixin
from backend.http.scopes import IsMember
from backend.http.serializers import StrictSerializer

FORM_VERSION = "me-consents/1"


class YesOrNo(serializers.BooleanField):
    """true or false, and nothing that merely looks like it: consent takes an unambiguous act."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(_("Say true or false."), code="invalid")
        return data


class NoticeSerializer(serializers.Serializer[Any]):
    """The notice that is asked today."""

    version = serializers.IntegerField(source="notice_text.notice.version")
    language = serializers.CharField(source="notice_text.language")
    words = serializers.CharField(source="notice_text.label", help_text="The exact words beside the box.")
    url = serializers.URLField(source="notice_url", help_text="The whole notice; never shows another version.")


class ConsentSerializer(serializers.Serializer[Any]):
    """One purpose, and how the member's consent for it stands."""

    purpose = serializers.ChoiceField(source="notice_text.notice.purpose", choices=[str(p) for p in OFFERED_PURPOSES])
    in_force = serializers.BooleanField(help_text="Whether it counts now; only then is anything sent or done.")
    state = serializers.ChoiceField(
        source="state.state", choices=State.values, allow_null=True, default=None, help_text="null: never answered."
    )
    since = serializers.DateTimeField(source="state.event_time", allow_null=True, default=None)
    valid_until = serializers.DateTimeField(source="state.valid_until", allow_null=True, default=None)
    answered_version = serializers.IntegerField(
        source="state.notice_version", allow_null=True, default=None, help_text="Version of the notice they answered."
    )
    notice = NoticeSerializer(source="*")


class ConsentsSerializer(serializers.Serializer[Any]):
    """Every purpose that is asked, in the order in which it is asked."""

    results = ConsentSerializer(many=True)


@extend_schema_serializer(
    examples=[OpenApiExample("Gigs yes, vacancies no", value={"consents": {"gigs": True, "vacancies": False}})]
)
class ChoicesSerializer(StrictSerializer):
    """{purpose: true or false}. Purposes that are left out stay as they are."""

    consents = serializers.DictField(child=YesOrNo(), allow_empty=False)


class MyConsentsView(ETagMixin, APIView):
    """Consents of the member who asks."""

    permission_classes = (IsMember,)

    @extend_schema(operation_id="me_consents_list", responses=ConsentsSerializer)
    def get(self, request: Request) -> Response:
        """What I agreed to, per purpose."""
        return Response(self._answer(request))

    @extend_schema(operation_id="me_consents_choose", request=ChoicesSerializer, responses=ConsentsSerializer)
    def post(self, request: Request) -> Response:
        """Give or withdraw, per purpose. Works at once; the same choice again changes nothing."""
        serializer = ChoicesSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        member = self._member(request)
        act = acts.of_request(
            request,
            method=Method.PREFERENCE_PAGE,
            channel=Channel.API,
            form_version=FORM_VERSION,
            language=member.language,
        )
        ledger.choose(member=member, choices=serializer.validated_data["consents"], act=act)
        return Response(self._answer(request))

    def _member(self, request: Request) -> Member:
        assert isinstance(request.user, User)
        return request.user.member

    def _answer(self, request: Request) -> dict[str, Any]:
        standings = standing.of_member(self._member(request), at=timezone.now())
        return dict(ConsentsSerializer({"results": standings}).data)
