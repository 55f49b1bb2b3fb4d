"""Drafts in the API: to list, edit, copy, and mark as posted."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from backend.http.etags import ETagMixin, check_if_match, of_version
from backend.http.scopes import HasScope
from backend.http.serializers import StrictSerializer, TextField
from notifications.social import channels, drafts
from notifications.social.models import Channel, Draft, DraftState


class ChannelLimitsSerializer(serializers.Serializer[Any]):
    """What the channel allows, and when that was last checked. `fold`: what readers see before "…more"."""

    max_length = serializers.IntegerField(help_text="In UTF-16 code units, as `length` is.")
    fold = serializers.IntegerField()
    fold_lines = serializers.IntegerField()
    verified_on = serializers.DateField()


class DraftSerializer(serializers.ModelSerializer[Draft]):
    """A ready-to-paste text for one channel. A person posts it: no program can in a LinkedIn group."""

    id = serializers.UUIDField(source="uid")
    post = serializers.UUIDField(source="post.uid")
    post_version = serializers.IntegerField(source="post_version.number", help_text="The version it was made from.")
    limits = serializers.SerializerMethodField()
    posted_by = serializers.CharField(source="posted_by.name", default=None, allow_null=True)
    edited_by = serializers.CharField(source="edited_by.name", default=None, allow_null=True)
    closing_note = serializers.SerializerMethodField(help_text="What to do once its post has closed; else empty.")

    class Meta:
        model = Draft
        fields = (
            "id", "post", "post_version", "channel", "language", "variant", "state", "text", "length", "limits",
            "edited_by", "edited_at", "posted_url", "posted_by", "posted_at", "closing_note", "created_at",
            "updated_at",
        )  # fmt: skip

    @extend_schema_field(ChannelLimitsSerializer)
    def get_limits(self, draft: Draft) -> dict[str, Any]:
        return dict(ChannelLimitsSerializer(channels.limits(draft.channel)).data)

    @extend_schema_field(serializers.CharField())
    def get_closing_note(self, draft: Draft) -> str:
        return drafts.closing_note(draft)


class DraftTextInput(StrictSerializer):
    """Another text."""

    text = TextField(help_text="At most what the channel allows; 400 says how many characters are too many.")


class PostedInput(StrictSerializer):
    """Where it was posted."""

    url = serializers.CharField(max_length=500, help_text="The link to the post, on the channel's own site.")


class DraftFilter(django_filters.FilterSet):
    """Filters of the list of drafts."""

    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    state = django_filters.ChoiceFilter(choices=DraftState.choices)
    language = django_filters.CharFilter()
    post = django_filters.UUIDFilter(field_name="post__uid", help_text="Id of the post.")

    class Meta:
        model = Draft
        fields: list[str] = []


def _etag(draft: Draft) -> str:
    # The state of the post is in it: the closing note follows from it.
    return of_version("draft", draft.uid, draft.version, draft.post.state)


_URL = {"url": "https://www.linkedin.com/feed/update/urn:li:activity:7265012345678901234/"}


@extend_schema_view(
    list=extend_schema(operation_id="drafts_list"),
    retrieve=extend_schema(operation_id="drafts_retrieve"),
    partial_update=extend_schema(
        operation_id="drafts_update",
        request=DraftTextInput,
        responses=DraftSerializer,
        examples=[OpenApiExample("Another text", value={"text": "Klus: meetdata op orde."}, request_only=True)],
    ),
    posted=extend_schema(
        operation_id="drafts_posted",
        request=PostedInput,
        responses=DraftSerializer,
        examples=[OpenApiExample("Posted", value=_URL, request_only=True)],
    ),
)
class DraftViewSet(ETagMixin, IdempotencyMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Draft]):
    """Drafts of all posts."""

    permission_classes = (HasScope("drafts:read", "drafts:write"),)
    serializer_class = DraftSerializer
    filterset_class = DraftFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("created_at", "updated_at")
    queryset = Draft.objects.all()
    problems = {"partial_update": [409], "posted": [409, 412]}

    def get_queryset(self) -> QuerySet[Draft]:
        return Draft.objects.select_related("post", "post_version", "edited_by", "posted_by")

    def retrieve(self, _request: Request, *_args: Any, **_kwargs: Any) -> Response:
        return self._answer(self.get_object())

    def partial_update(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Change the text. What was posted or withdrawn stays as it is (409)."""
        draft, expected = self._draft(request)
        serializer = DraftTextInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        text = serializer.validated_data["text"]
        return self._answer(drafts.edit(draft=draft, text=text, by=_user(request), expected_version=expected))

    @action(detail=True, methods=["post"])
    def posted(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Say where it was posted."""
        draft, expected = self._draft(request)
        serializer = PostedInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        url = serializer.validated_data["url"]
        return self._answer(drafts.mark_posted(draft=draft, url=url, by=_user(request), expected_version=expected))

    def _draft(self, request: Request) -> tuple[Draft, int | None]:
        draft = self.get_object()
        check_if_match(request, _etag(draft))
        return draft, draft.version if "If-Match" in request.headers else None

    def _answer(self, draft: Draft) -> Response:
        draft = self.get_queryset().get(pk=draft.pk)
        return Response(DraftSerializer(draft).data, headers={"ETag": _etag(draft)})


def _user(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None
