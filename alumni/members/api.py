"""Members in the API: for HR and integrations, and a member's own profile under /me/.

The view sets are finished in higher rooms: joining adds people (`alumni.joining.member_api`), privacy erases them
(`alumni.privacy.api`). The URLs name those.
"""

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.models import User
from alumni.members import profile
from alumni.members.filters import MemberFilter, consenting
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill
from alumni.members.serializers import (
    FreelanceInput,
    FreelanceSerializer,
    MemberInput,
    MemberSerializer,
    MeSerializer,
    SkillsInput,
    SkillsSerializer,
)
from backend.http.errors import NotFound
from backend.http.etags import ETagMixin, check_if_match, of_version
from backend.http.scopes import HasScope, IsMember


def with_parts(members: QuerySet[Member]) -> QuerySet[Member]:
    """The members with all that a serializer shows of them: four queries, however many members."""
    return (
        members.annotate(has_gigs_consent=consenting("gigs"))
        .select_related("freelance")
        .prefetch_related(
            Prefetch("employments", queryset=Employment.objects.order_by("-started_on")),
            Prefetch("member_skills", queryset=MemberSkill.objects.select_related("skill")),
        )
    )


def etag(member: Member, part: str = "member") -> str:
    """Of what HR sees the consent is a part: it decides whether the freelance profile shows."""
    return of_version(part, member.uid, member.version, getattr(member, "has_gigs_consent", None))


def expected_version(request: Request, member: Member) -> int | None:
    """The version that must still hold when the write happens; None when the caller sent no If-Match."""
    return member.version if "If-Match" in request.headers else None


@extend_schema_view(
    list=extend_schema(operation_id="members_list"),
    retrieve=extend_schema(operation_id="members_retrieve"),
)
class MemberViewSet(ETagMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Member]):
    """Members, for HR and integrations."""

    permission_classes: Any = (HasScope("members:read", "members:write"),)
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    lookup_field = "uid"
    ordering: Any = ("sort_name", "id")
    ordering_fields = ("sort_name", "created_at", "updated_at")
    queryset = Member.objects.all()

    def get_queryset(self) -> QuerySet[Member]:
        return with_parts(Member.objects.all())

    def answer(self, member: Member, code: int = status.HTTP_200_OK) -> Response:
        member = self.get_queryset().get(pk=member.pk)
        return Response(MemberSerializer(member).data, status=code, headers={"ETag": etag(member)})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        member = self.get_object()
        return Response(MemberSerializer(member).data, headers={"ETag": etag(member)})

    @extend_schema(operation_id="members_update", request=MemberInput(partial=True), responses=MemberSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Correct a name, place or language. Consents, skills and rhythm are the member's own to change."""
        member = self.get_object()
        check_if_match(request, etag(member))
        serializer = MemberInput(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        version = expected_version(request, member)
        profile.update(member=member, changes=dict(serializer.validated_data), expected_version=version)
        return self.answer(member)


def member_of(request: Request) -> Member:
    """The member who calls, with their parts; the permission IsMember made sure that there is one."""
    assert isinstance(request.user, User)
    return with_parts(Member.objects.filter(user=request.user)).get()


class MeView(ETagMixin, APIView):
    """The profile of the member who asks."""

    permission_classes = (IsMember,)

    def answer(self, request: Request) -> Response:
        member = member_of(request)
        return Response(MeSerializer(member).data, headers={"ETag": etag(member, "me")})

    @extend_schema(operation_id="me_retrieve", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Everything in my profile."""
        return self.answer(request)

    @extend_schema(operation_id="me_update", request=MemberInput(partial=True), responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change my name, place, language or time zone."""
        member = member_of(request)
        check_if_match(request, etag(member, "me"))
        serializer = MemberInput(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        version = expected_version(request, member)
        profile.update(member=member, changes=dict(serializer.validated_data), expected_version=version)
        return self.answer(request)


class MySkillsView(ETagMixin, APIView):
    """The skills of the member who asks."""

    permission_classes = (IsMember,)

    def answer(self, member: Member) -> Response:
        links = MemberSkill.objects.filter(member=member).select_related("skill")
        names = sorted(link.skill.name for link in links)
        return Response({"skills": names}, headers={"ETag": etag(member, "skills")})

    @extend_schema(operation_id="me_skills_retrieve", responses=SkillsSerializer)
    def get(self, request: Request) -> Response:
        """My skills."""
        return self.answer(member_of(request))

    @extend_schema(operation_id="me_skills_replace", request=SkillsInput, responses=SkillsSerializer)
    def put(self, request: Request) -> Response:
        """Make these my skills, and no others."""
        member = member_of(request)
        check_if_match(request, etag(member, "skills"))
        serializer = SkillsInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        names = serializer.validated_data["skills"]
        profile.set_skills(member=member, names=names, expected_version=expected_version(request, member))
        return self.answer(member)


class MyFreelanceView(ETagMixin, APIView):
    """The freelance profile of the member who asks."""

    permission_classes = (IsMember,)
    problems = {"GET": [404]}

    def answer(self, member: Member) -> Response:
        found = FreelanceProfile.objects.filter(member=member).first()
        if found is None:
            raise NotFound("There is no freelance profile yet. Make one with PATCH.", code="no_freelance_profile")
        return Response(FreelanceSerializer(found).data, headers={"ETag": etag(member, "freelance")})

    @extend_schema(operation_id="me_freelance_retrieve", responses=FreelanceSerializer)
    def get(self, request: Request) -> Response:
        """My freelance profile; 404 while there is none."""
        return self.answer(member_of(request))

    @extend_schema(operation_id="me_freelance_update", request=FreelanceInput, responses=FreelanceSerializer)
    def patch(self, request: Request) -> Response:
        """Make or change it. Naming hours or availability confirms them as of today."""
        member = member_of(request)
        check_if_match(request, etag(member, "freelance"))
        serializer = FreelanceInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        version = expected_version(request, member)
        profile.set_freelance(member=member, values=serializer.to_profile(), expected_version=version)
        return self.answer(member)

    @extend_schema(operation_id="me_freelance_remove", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Take it away."""
        member = member_of(request)
        check_if_match(request, etag(member, "freelance"))
        profile.remove_freelance(member=member, expected_version=expected_version(request, member))
        return Response(status=status.HTTP_204_NO_CONTENT)
