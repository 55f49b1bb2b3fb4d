"""Posts in the API: typed to write, all kinds together to read and act on."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from backend.http.etags import ETagMixin, check_if_match, of_version
from backend.http.scopes import HasScope, IsPerson
from notifications.audiences.reach import reach
from notifications.posts import review, writing
from notifications.posts.inputs import DecisionInput, GigInput, PostInput, UpdateInput, VacancyInput
from notifications.posts.models import Decision, Kind, Post, PostState, PostText, PostVersion
from notifications.posts.outputs import PostSerializer, ReachSerializer


class PostFilter(django_filters.FilterSet):
    """Filters of the lists of posts."""

    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    state = django_filters.ChoiceFilter(choices=PostState.choices)
    audience = django_filters.CharFilter(field_name="audience__code", help_text="Code of the audience.")
    closes_before = django_filters.DateFilter(field_name="closes_on", lookup_expr="lt")
    source = django_filters.CharFilter()
    updated_since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    q = django_filters.CharFilter(method="in_words", help_text="In the title or summary, in any language.")

    class Meta:
        model = Post
        fields: list[str] = []

    def in_words(self, posts: QuerySet[Post], _name: str, value: str) -> QuerySet[Post]:
        """Posts whose approved or pending text holds the words."""
        shown = Q(version=OuterRef("current_version")) | Q(
            version__in=PostVersion.objects.filter(post=OuterRef(OuterRef("pk")), approved_at__isnull=True)
        )
        found = Q(title__icontains=value) | Q(summary__icontains=value)
        return posts.filter(Exists(PostText.objects.filter(shown, found)))


class _Posts(ETagMixin, IdempotencyMixin, viewsets.GenericViewSet[Post]):
    """What all views of posts share."""

    permission_classes: Any = (HasScope("posts:read", "posts:write"),)
    serializer_class = PostSerializer
    filterset_class = PostFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("created_at", "updated_at")
    queryset = Post.objects.all()

    def get_queryset(self) -> QuerySet[Post]:
        return Post.objects.with_content()

    def _answer(self, post: Post, code: int = status.HTTP_200_OK) -> Response:
        post = self.get_queryset().get(pk=post.pk)
        return Response(PostSerializer(post).data, status=code, headers={"ETag": _etag(post)})

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        post = self.get_object()
        return Response(PostSerializer(post).data, headers={"ETag": _etag(post)})


def _etag(post: Post) -> str:
    return of_version("post", post.uid, post.version)


def _person(request: Request) -> User:
    """Who calls; the permission IsPerson made sure that it is one."""
    assert isinstance(request.user, User)
    return request.user


class _TypedPosts(mixins.ListModelMixin, _Posts):
    """Posts of one kind: with a schema that names what this kind needs."""

    kind: Kind
    input_class: type[PostInput]
    problems = {"create": [409], "partial_update": [409]}

    def get_queryset(self) -> QuerySet[Post]:
        return super().get_queryset().filter(kind=self.kind)

    def create(self, request: Request) -> Response:
        """A new draft. It goes out after `submit`, `approve` by a second person, and `publish`."""
        serializer = self.input_class(data=request.data)
        serializer.is_valid(raise_exception=True)
        author = request.user if isinstance(request.user, User) else None
        post = writing.create(kind=self.kind, author=author, **serializer.to_writing())
        return self._answer(post, status.HTTP_201_CREATED)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is named. A text that was approved becomes a new version, which needs review again."""
        post = self.get_object()
        check_if_match(request, _etag(post))
        serializer = self.input_class(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        expected = post.version if "If-Match" in request.headers else None
        by = request.user if isinstance(request.user, User) else None
        return self._answer(writing.update(post=post, by=by, expected_version=expected, **serializer.to_writing()))


def _documented(name: str, input_class: type[PostInput]) -> Any:
    """Names the operations of one kind, and the schemas that they take."""
    return extend_schema_view(
        list=extend_schema(operation_id=f"{name}_list"),
        retrieve=extend_schema(operation_id=f"{name}_retrieve"),
        create=extend_schema(operation_id=f"{name}_create", request=input_class, responses={201: PostSerializer}),
        partial_update=extend_schema(
            operation_id=f"{name}_update", request=input_class(partial=True), responses=PostSerializer
        ),
    )


@_documented("gigs", GigInput)
class GigViewSet(_TypedPosts):
    """Gigs: assignments for freelancers, each with its rate."""

    kind = Kind.GIG
    input_class = GigInput


@_documented("vacancies", VacancyInput)
class VacancyViewSet(_TypedPosts):
    """Vacancies: jobs, each with its pay."""

    kind = Kind.VACANCY
    input_class = VacancyInput


@_documented("updates", UpdateInput)
class UpdateViewSet(_TypedPosts):
    """Updates: news of the company, each with why."""

    kind = Kind.UPDATE
    input_class = UpdateInput


_REACH = {"total": 1204, "reached": 312, "reasons": {"no_consent": 699, "paused": 64, "withdrawn": 91, "had_it": 38}}


@extend_schema_view(
    list=extend_schema(operation_id="posts_list"),
    retrieve=extend_schema(operation_id="posts_retrieve"),
    submit=extend_schema(operation_id="posts_submit", request=None, responses=PostSerializer),
    approve=extend_schema(operation_id="posts_approve", request=DecisionInput, responses=PostSerializer),
    publish=extend_schema(operation_id="posts_publish", request=None, responses=PostSerializer),
    close=extend_schema(operation_id="posts_close", request=None, responses=PostSerializer),
    audience=extend_schema(
        operation_id="posts_audience",
        responses=OpenApiResponse(ReachSerializer, examples=[OpenApiExample("A gig", value=_REACH)]),
    ),
)
class PostViewSet(mixins.ListModelMixin, _Posts):
    """Posts of all kinds: to find, and to bring from draft to published and closed."""

    problems = {name: [409, 412] for name in ("submit", "approve", "publish", "close")}
    # Two people stand behind each post, so those steps need a person; a program may publish what they approved.
    permissions_of_action = {
        "submit": (IsPerson, HasScope("posts:write")),
        "approve": (IsPerson, HasScope("posts:publish")),
        "publish": (HasScope("posts:publish"),),
        "close": (HasScope("posts:publish"),),
    }

    def get_permissions(self) -> list[BasePermission]:
        classes = self.permissions_of_action.get(self.action or "", self.permission_classes)
        return [permission() for permission in classes]

    def _post(self, request: Request) -> Post:
        post: Post = self.get_object()
        check_if_match(request, _etag(post))
        return post

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, **_kwargs: Any) -> Response:
        """Ask a second person to look at the newest text."""
        post = self._post(request)
        review.submit(post=post, by=_person(request))
        return self._answer(post)

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **_kwargs: Any) -> Response:
        """Say yes with the five questions answered, or send it back with a remark. Not by who wrote or submitted it."""
        post = self._post(request)
        serializer = DecisionInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        decide = review.approve if said["decision"] == Decision.APPROVED else review.send_back
        decide(post=post, by=_person(request), answers=said.get("answers", {}), remark=said["remark"])
        return self._answer(post)

    @action(detail=True, methods=["post"])
    def publish(self, request: Request, **_kwargs: Any) -> Response:
        """Let digests and drafts have the approved text. Publishing what is published changes nothing."""
        by = request.user if isinstance(request.user, User) else None
        return self._answer(review.publish(post=self._post(request), by=by))

    @action(detail=True, methods=["post"])
    def close(self, request: Request, **_kwargs: Any) -> Response:
        """Stop it at once, for good; planned digests lose it. Closing what is closed changes nothing."""
        by = request.user if isinstance(request.user, User) else None
        return self._answer(review.close(post=self._post(request), by=by))

    @action(detail=True, methods=["get"])
    def audience(self, request: Request, **_kwargs: Any) -> Response:
        """How many a digest would reach now, and why not the others. Consent is asked again just before sending."""
        found = reach(post=self.get_object(), at=timezone.now())
        return Response(ReachSerializer(found).data)
