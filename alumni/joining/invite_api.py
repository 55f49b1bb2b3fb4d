"""POST /members/{id}/invite/: one invitation, once a person, by a named person of HR."""

import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from alumni.joining import invitations
from alumni.members.models import Member
from backend.http.scopes import HasScope, IsPerson
from backend.http.serializers import StrictSerializer
from backend.http.throttling import ScopedCallerThrottle


class InviteThrottle(ScopedCallerThrottle):
    """A person invites one by one."""

    scope = "invite"


@extend_schema_serializer(
    examples=[OpenApiExample("After the exit talk", value={"reason": "Vroeg erom bij het exitgesprek."})]
)
class InviteInput(StrictSerializer):
    """Why this person."""

    reason = serializers.CharField(max_length=500)


class InvitationSerializer(serializers.Serializer[Any]):
    """An invitation that was queued."""

    id = serializers.UUIDField(source="uid")
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InviteView(IdempotencyMixin, APIView):
    """Inviting, tied to a person: no program can."""

    permission_classes = (HasScope("members:read", "members:write"), IsPerson)
    throttle_classes = (InviteThrottle,)
    problems = {"POST": [404, 409]}

    @extend_schema(operation_id="members_invite", request=InviteInput, responses={201: InvitationSerializer})
    def post(self, request: Request, uid: uuid.UUID) -> Response:
        """Invite one person, with the reason. 409 for whoever cannot be invited, without saying why."""
        member = get_object_or_404(Member, uid=uid)
        serializer = InviteInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        invitation = invitations.invite(member=member, by=request.user, reason=serializer.validated_data["reason"])
        return Response(InvitationSerializer(invitation).data, status=status.HTTP_201_CREATED)
