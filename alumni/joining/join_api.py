"""POST /join/ and /join/confirm/: signing up through a form of the company's own site or app."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.consent import acts
from alumni.consent.api import YesOrNo
from alumni.consent.models import OFFERED_PURPOSES
from alumni.joining import sign_up
from alumni.joining.join_limits import JoinThrottle, address_is_allowed
from alumni.members.models import Language
from backend.http.serializers import StrictSerializer

FORM_VERSION = "join-confirm/1"
_NOOR = {
    "given_name": "Noor",
    "family_name": "Bakker",
    "email": "noor@noorbakker.example",
    "kind": "freelancer",
    "language": "nl",
}


@extend_schema_serializer(examples=[OpenApiExample("A freelancer", value=_NOOR, request_only=True)])
class JoinInput(StrictSerializer):
    """Who signs up."""

    given_name = serializers.CharField(max_length=100)
    infix = serializers.CharField(max_length=30, allow_blank=True, default="")
    family_name = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    kind = serializers.ChoiceField(choices=["alumnus", "freelancer"])
    language = serializers.ChoiceField(choices=Language.choices, default=Language.NL.value)


class JoinAnswer(serializers.Serializer[Any]):
    """The same for everybody."""

    detail = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Gigs yes, news no",
            value={"token": "the token from the link in the mail", "consents": {"gigs": True, "updates": False}},
            request_only=True,
        )
    ]
)
class ConfirmInput(StrictSerializer):
    """The token of the link, and true or false per purpose; a purpose that is left out is a no."""

    token = serializers.CharField(max_length=100)
    consents = serializers.DictField(child=YesOrNo())


class ConfirmAnswer(serializers.Serializer[Any]):
    """Who is a member now."""

    id = serializers.UUIDField()
    consents = serializers.DictField(child=serializers.BooleanField())


class JoinView(APIView):
    """Sign up."""

    permission_classes = (AllowAny,)
    throttle_classes = (JoinThrottle,)

    @extend_schema(operation_id="join_create", request=JoinInput, responses={202: JoinAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        """Ask to join. Always 202: whether the address is known, only the mail to it says."""
        serializer = JoinInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        payload = dict(serializer.validated_data)
        email = payload.pop("email")
        if not address_is_allowed(request, email):
            raise Throttled(wait=3600)
        sign_up.request(email=email, payload=payload)
        told = "If this address can join, a mail arrives within a few minutes. The link in it works for seven days."
        return Response({"detail": told}, status=status.HTTP_202_ACCEPTED)


class ConfirmView(APIView):
    """The second half of the double opt-in."""

    permission_classes = (AllowAny,)
    throttle_classes = (JoinThrottle,)
    problems = {"POST": [404, 410]}

    @extend_schema(operation_id="join_confirm", request=ConfirmInput, responses={200: ConfirmAnswer}, auth=[])
    def post(self, request: Request) -> Response:
        """Confirm with the token from the mail. Writes the consents with their proof; works once."""
        serializer = ConfirmInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        token, consents = serializer.validated_data["token"], serializer.validated_data["consents"]
        row = sign_up.find(token)
        act = acts.of_request(
            request,
            method=acts.Method.PREFERENCE_PAGE,
            channel="api",
            form_version=FORM_VERSION,
            language=row.payload["language"],
        )
        member = sign_up.confirm(token=token, consents=consents, act=act)
        answers = {str(purpose): consents.get(purpose, False) for purpose in OFFERED_PURPOSES}
        return Response({"id": member.uid, "consents": answers})
