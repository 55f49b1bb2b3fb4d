"""Digests in the API: of all members for integrations, of oneself for a member."""

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
    extend_schema_view,
)
from rest_framework import mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation
from backend.http.etags import ETagMixin
from backend.http.renderers import JSONRenderer
from backend.http.scopes import HasScope, IsMember
from notifications.digests import reasons
from notifications.digests.history import GOT
from notifications.digests.models import Digest, DigestItem, DigestState
from notifications.digests.rebuild import allowing_events, rebuild
from notifications.digests.renderers import HTMLRenderer
from notifications.mail import links
from notifications.posts.models import Kind
from notifications.posts.public import public_url


class DigestItemSerializer(serializers.ModelSerializer[DigestItem]):
    """One post in a digest."""

    post = serializers.UUIDField(source="post.uid", help_text="The post's id.")
    kind = serializers.ChoiceField(source="post.kind", choices=Kind.choices)
    title = serializers.SerializerMethodField(help_text="In the language of the digest, where there is a text in it.")
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version.number", help_text="Which version of its text.")
    reason = serializers.DictField(help_text="Why, as a code and values.")
    reason_text = serializers.SerializerMethodField(help_text="Why, as the sentence that the member reads.")
    state = serializers.SerializerMethodField(help_text="Where the item ended: its own outcome, else its digest's.")

    class Meta:
        model = DigestItem
        fields = ("post", "kind", "rank", "title", "url", "version", "reason", "reason_text", "state")

    @extend_schema_field(serializers.CharField())
    def get_title(self, item: DigestItem) -> str:
        return item.version.text_in(self.context["language_of"](item)).title if item.version.texts.all() else ""

    @extend_schema_field(serializers.URLField())
    def get_url(self, item: DigestItem) -> str:
        return public_url(item.post)

    @extend_schema_field(serializers.CharField())
    def get_reason_text(self, item: DigestItem) -> str:
        return reasons.sentence(item.reason, self.context["language_of"](item), company=self.context["company"])

    @extend_schema_field(serializers.ChoiceField(choices=DigestState.choices))
    def get_state(self, item: DigestItem) -> str:
        return item.outcome or item.digest.state


class DigestSerializer(serializers.ModelSerializer[Digest]):
    """One member's digest."""

    id = serializers.UUIDField(source="uid")
    member = serializers.UUIDField(source="member.uid", help_text="The member's id.")
    run = serializers.UUIDField(source="run.uid", help_text="The run that made it.")
    state = serializers.ChoiceField(choices=DigestState.choices)
    subject = serializers.CharField(help_text="Empty until it is composed.")
    reply = serializers.CharField(help_text="What the mail server said, or why it was withheld.")
    items = DigestItemSerializer(many=True)

    class Meta:
        model = Digest
        fields = (
            "id", "member", "run", "language", "state", "due_at", "subject", "message_id", "attempts", "retry_at",
            "handed_over_at", "reply", "created_at", "items",
        )  # fmt: skip


class OwnLinksSerializer(serializers.Serializer[Any]):
    """Links that act for the member."""

    unsubscribe = serializers.URLField()
    preferences = serializers.URLField()


class ConsentOfPurposeSerializer(serializers.Serializer[Any]):
    """The event in the ledger that allowed the items of one purpose."""

    purpose = serializers.CharField()
    seq = serializers.IntegerField()
    event = serializers.UUIDField(source="event_uid")
    given_at = serializers.DateTimeField(source="event_time")


class WholeDigestSerializer(DigestSerializer):
    """A digest with what it looks like, built again from its post versions. Bodies are not stored."""

    exact = serializers.BooleanField(source="rebuilt.exact", help_text="Whether it is byte for byte what was sent.")
    html = serializers.CharField(source="rebuilt.html")
    text = serializers.CharField(source="rebuilt.text")
    consents = ConsentOfPurposeSerializer(many=True, help_text="What allowed it; empty before it is handed over.")
    links = OwnLinksSerializer(allow_null=True, help_text="null without the scope digests:deliver.")

    class Meta(DigestSerializer.Meta):
        fields = (*DigestSerializer.Meta.fields, "exact", "html", "text", "consents", "links")  # type: ignore[assignment]


class DigestFilter(django_filters.FilterSet):
    """Filters of the list of digests."""

    state = django_filters.ChoiceFilter(choices=DigestState.choices)
    member = django_filters.UUIDFilter(field_name="member__uid", help_text="The member's id.")
    run = django_filters.UUIDFilter(field_name="run__uid", help_text="The run's id.")
    since = django_filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte", help_text="Made since then.")

    class Meta:
        model = Digest
        fields: list[str] = []


def _with_items() -> QuerySet[Digest]:
    """Digests with all that a list shows: four queries, however many."""
    items = DigestItem.objects.select_related("post", "version", "digest").prefetch_related("version__texts")
    return Digest.objects.select_related("member", "run").prefetch_related(
        Prefetch("items", queryset=items.order_by("rank"))
    )


class _Digests(ETagMixin, viewsets.GenericViewSet[Digest]):
    """What the views of digests share."""

    serializer_class: Any = DigestSerializer
    lookup_field = "uid"
    ordering = "-id"
    queryset = Digest.objects.all()

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context |= {"company": the_organisation().name, "language_of": lambda item: item.digest.language}
        return context


_EXAMPLE = OpenApiExample(
    "A digest",
    response_only=True,
    value={
        "id": "01998f3a-5c1e-7a3b-9d2f-0c6b7e8f9a10",
        "member": "01998f3a-0000-7a3b-9d2f-0c6b7e8f9a11",
        "run": "01998f3a-1111-7a3b-9d2f-0c6b7e8f9a12",
        "language": "nl",
        "state": "handed_over",
        "due_at": "2026-11-24T08:12:00Z",
        "subject": "Klus in Python vanaf januari, en één ander bericht",
        "message_id": "<digest.01998f3a5c1e7a3b9d2f0c6b7e8f9a10@maasveld.example>",
        "attempts": 0,
        "retry_at": None,
        "handed_over_at": "2026-11-24T08:12:31Z",
        "reply": "250 2.0.0 queued",
        "created_at": "2026-11-24T08:12:30Z",
        "items": [
            {
                "post": "01998f3a-2222-7a3b-9d2f-0c6b7e8f9a13",
                "kind": "gig",
                "rank": 1,
                "title": "Meetdata van 40 pompstations op orde brengen",
                "url": "https://netwerk.maasveld.example/p/meetdata",
                "version": 1,
                "reason": {"code": "match", "clauses": [{"code": "skills", "skills": ["Python"]}]},
                "reason_text": "Past bij jou omdat je Python noemt.",
                "state": "handed_over",
            }
        ],
    },
)


@extend_schema_view(list=extend_schema(operation_id="digests_list", examples=[_EXAMPLE]))
class DigestViewSet(mixins.ListModelMixin, _Digests):
    """Digests of all members, newest first."""

    permission_classes = (HasScope("digests:read"),)
    filterset_class = DigestFilter
    renderer_classes = (JSONRenderer, HTMLRenderer)
    ordering_fields = ("created_at", "due_at")

    def get_queryset(self) -> QuerySet[Digest]:
        return _with_items()

    def get_renderers(self) -> list[Any]:
        # Only one digest can be had as a page.
        return super().get_renderers() if self.action == "retrieve" else [JSONRenderer()]

    @extend_schema(
        operation_id="digests_retrieve",
        responses={
            (200, "application/json"): WholeDigestSerializer,
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR, description="The HTML part of the e-mail."),
        },
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One digest as JSON, or as the page that the member saw (`Accept: text/html`).

        Without the scope `digests:deliver` the member's own links (unsubscribe, preferences) are left out.
        """
        digest: Any = self.get_object()
        own_links = "digests:deliver" in getattr(request.auth, "scopes", ())
        digest.rebuilt = rebuild(digest, with_own_links=own_links)
        if request.accepted_renderer.format == "html":
            return Response(digest.rebuilt.html)
        purposes = sorted({item.post.purpose for item in digest.items.all() if item.outcome is None})
        events = allowing_events(digest)
        digest.consents = [events[purpose] for purpose in purposes if purpose in events]
        digest.links = None
        if own_links:
            uid = digest.member.uid
            digest.links = {
                "unsubscribe": links.unsubscribe_url(uid, purposes),
                "preferences": links.preferences_url(uid, purposes),
            }
        return Response(WholeDigestSerializer(digest, context=self.get_serializer_context()).data)


class MyDigestSerializer(serializers.ModelSerializer[Digest]):
    """A digest that I got."""

    id = serializers.UUIDField(source="uid")
    items = DigestItemSerializer(many=True)

    class Meta:
        model = Digest
        fields = ("id", "language", "state", "subject", "handed_over_at", "items")


@extend_schema_view(list=extend_schema(operation_id="me_digests_list"))
class MyDigestsView(mixins.ListModelMixin, _Digests):
    """What I got, newest first, each post with the reason."""

    permission_classes = (IsMember,)
    serializer_class = MyDigestSerializer

    def get_queryset(self) -> QuerySet[Digest]:
        if getattr(self, "swagger_fake_view", False):
            return Digest.objects.none()
        assert isinstance(self.request.user, User)
        items = DigestItem.objects.filter(outcome=None).select_related("post", "version", "digest")
        items = items.prefetch_related("version__texts").order_by("rank")
        mine = Digest.objects.filter(member=self.request.user.member, state__in=GOT)
        return mine.prefetch_related(Prefetch("items", queryset=items))

    def get_serializer_context(self) -> dict[str, Any]:
        # The member reads in the language that they asked for, not in that of back then.
        return dict(super().get_serializer_context()) | {"language_of": lambda _item: get_language() or "nl"}
