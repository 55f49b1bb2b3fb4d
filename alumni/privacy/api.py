"""DELETE on a member: erasure. By HR with the scope for it, as a person; by the member themselves at once."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.models import User
from alumni.joining import member_api
from alumni.members import api
from alumni.privacy.erasure import erase
from backend.http.etags import check_if_match
from backend.http.scopes import HasScope, IsPerson


class MemberViewSet(member_api.MemberViewSet):
    """Members, who can also be erased."""

    def get_permissions(self) -> Any:
        if self.action == "destroy":
            return [HasScope("privacy:manage")(), IsPerson()]
        return super().get_permissions()

    @extend_schema(operation_id="members_erase", responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Erase a person who asked for it, at once and for good. They get one last mail that says so."""
        member = self.get_object()
        check_if_match(request, api.etag(member))
        assert isinstance(request.user, User)
        erase(member=member, requested_by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(api.MeView):
    """My profile, and leaving with everything."""

    @extend_schema(operation_id="me_erase", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Erase everything you have on me, at once and for good."""
        member = api.member_of(request)
        check_if_match(request, api.etag(member, "me"))
        erase(member=member)
        return Response(status=status.HTTP_204_NO_CONTENT)
