"""POST /members/: one person added. The rest of the view set is in the room of members."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.joining import adding
from alumni.members import api
from alumni.members.serializers import MemberSerializer, NewMemberInput


class MemberViewSet(IdempotencyMixin, api.MemberViewSet):
    """Members, who can also be added."""

    problems = {"create": [409]}

    @extend_schema(operation_id="members_create", request=NewMemberInput, responses={201: MemberSerializer})
    def create(self, request: Request) -> Response:
        """Add one person. They are not mailed and have consented to nothing; invite them with a reason."""
        serializer = NewMemberInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        member = adding.add(
            email=values.pop("email"),
            kinds=set(values.pop("kinds")),
            employments=values.pop("employments", []),
            source=values.pop("source", "api"),
            values=values,
        )
        return self.answer(member, status.HTTP_201_CREATED)
