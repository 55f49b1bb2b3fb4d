"""Editions in the API: what was published in a week, for a whole audience, without anything personal."""

from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
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

from alumni.accounts.organisation import the_organisation
from backend.http.etags import ETagMixin
from backend.http.renderers import JSONRenderer
from backend.http.scopes import HasScope
from notifications.digests import edition_page
from notifications.digests.editions import bounds
from notifications.digests.models import Edition, EditionItem
from notifications.digests.renderers import HTMLRenderer
from notifications.posts.markdown import to_html
from notifications.posts.models import Kind, PostState, PostText
from notifications.posts.outputs import WorkTermsSerializer
from notifications.posts.public import public_url


class EditionPostSerializer(serializers.ModelSerializer[EditionItem]):
    """A post as it stood that week. `why` is given of an update, `terms` of a gig or vacancy."""

    id = serializers.UUIDField(source="version.post.uid")
    kind = serializers.ChoiceField(source="version.post.kind", choices=Kind.choices)
    version = serializers.IntegerField(source="version.number")
    url = serializers.SerializerMethodField(help_text="Its page; of a network post only for those it is for.")
    title = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()
    body_html = serializers.SerializerMethodField(help_text="The text as safe HTML.")
    why = serializers.SerializerMethodField()
    apply_url = serializers.SerializerMethodField()
    terms = WorkTermsSerializer(source="version.terms_or_none", allow_null=True)
    skills = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField(source="version.post.published_at")
    is_open = serializers.SerializerMethodField(help_text="Whether it can still be responded to, today.")

    class Meta:
        model = EditionItem
        fields = (
            "id", "kind", "rank", "version", "url", "title", "summary", "body_html", "why", "apply_url", "terms",
            "skills", "published_at", "is_open",
        )  # fmt: skip

    def _text(self, item: EditionItem) -> PostText:
        return item.version.text_in(item.edition.language)

    @extend_schema_field(serializers.URLField())
    def get_url(self, item: EditionItem) -> str:
        return public_url(item.version.post)

    @extend_schema_field(serializers.CharField())
    def get_title(self, item: EditionItem) -> str:
        return self._text(item).title

    @extend_schema_field(serializers.CharField())
    def get_summary(self, item: EditionItem) -> str:
        return self._text(item).summary

    @extend_schema_field(serializers.CharField())
    def get_body_html(self, item: EditionItem) -> str:
        return to_html(self._text(item).body)

    @extend_schema_field(serializers.CharField())
    def get_why(self, item: EditionItem) -> str:
        return self._text(item).why

    @extend_schema_field(serializers.CharField())
    def get_apply_url(self, item: EditionItem) -> str:
        return self._text(item).apply_url

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_skills(self, item: EditionItem) -> list[str]:
        return [row.skill.name for row in item.version.skills.all()]

    @extend_schema_field(serializers.BooleanField())
    def get_is_open(self, item: EditionItem) -> bool:
        return item.version.post.state == PostState.PUBLISHED


class EditionSerializer(serializers.ModelSerializer[Edition]):
    """A week's posts for an audience in one language."""

    id = serializers.UUIDField(source="uid")
    audience = serializers.CharField(source="audience.code")
    period = serializers.CharField(help_text="The ISO week: 2026-W47.")
    starts_on = serializers.SerializerMethodField()
    is_final = serializers.SerializerMethodField(help_text="Whether the week has ended: then it never changes.")
    posts = EditionPostSerializer(source="items", many=True)

    class Meta:
        model = Edition
        fields = ("id", "audience", "language", "number", "period", "starts_on", "is_final", "updated_at", "posts")

    @extend_schema_field(serializers.DateField())
    def get_starts_on(self, edition: Edition) -> str:
        return str(bounds(edition.period)[0].date())

    @extend_schema_field(serializers.BooleanField())
    def get_is_final(self, edition: Edition) -> bool:
        return timezone.now() >= bounds(edition.period)[1] <= edition.updated_at


class EditionFilter(django_filters.FilterSet):
    """Filters of the list of editions."""

    audience = django_filters.CharFilter(field_name="audience__code", help_text="Code of the audience.")
    language = django_filters.ChoiceFilter(choices=settings.LANGUAGES)
    period = django_filters.CharFilter(help_text="The ISO week: 2026-W47.")
    since = django_filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte", help_text="Changed since then."
    )

    class Meta:
        model = Edition
        fields: list[str] = []


_EXAMPLE = OpenApiExample(
    "An edition",
    response_only=True,
    value={
        "id": "01998f3a-5c1e-7a3b-9d2f-0c6b7e8f9a20",
        "audience": "freelancers",
        "language": "nl",
        "number": 12,
        "period": "2026-W47",
        "starts_on": "2026-11-16",
        "is_final": False,
        "updated_at": "2026-11-20T13:05:00Z",
        "posts": [
            {
                "id": "01998f3a-2222-7a3b-9d2f-0c6b7e8f9a13",
                "kind": "gig",
                "rank": 1,
                "version": 1,
                "url": "https://netwerk.maasveld.example/p/meetdata",
                "title": "Meetdata van 40 pompstations op orde brengen",
                "summary": "De debietgegevens van 2019 tot nu zijn niet te vertrouwen.",
                "body_html": "<p>Er missen stukken en klokken lopen uiteen.</p>",
                "why": "",
                "apply_url": "",
                "terms": {
                    "pay": {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"},
                    "hours_min": 24,
                    "hours_max": 24,
                    "place": "Utrecht",
                    "country": "NL",
                    "remote": True,
                    "start": "2027-01-04",
                    "end": None,
                    "contact_name": "",
                    "contact_email": "",
                },
                "skills": ["Python"],
                "published_at": "2026-11-20T13:05:00Z",
                "is_open": True,
            }
        ],
    },
)


@extend_schema_view(list=extend_schema(operation_id="editions_list", examples=[_EXAMPLE]))
class EditionViewSet(ETagMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Edition]):
    """Editions, newest first."""

    permission_classes = (HasScope("digests:read"),)
    serializer_class = EditionSerializer
    filterset_class = EditionFilter
    renderer_classes = (JSONRenderer, HTMLRenderer)
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("updated_at",)
    queryset = Edition.objects.all()

    def get_queryset(self) -> QuerySet[Edition]:
        """With all that is shown: five queries, however many editions."""
        items = EditionItem.objects.select_related("edition", "version__post", "version__terms").order_by("rank")
        items = items.prefetch_related("version__texts", "version__skills__skill")
        return Edition.objects.select_related("audience").prefetch_related(Prefetch("items", queryset=items))

    def get_renderers(self) -> list[Any]:
        # Only one edition can be had as a page.
        return super().get_renderers() if self.action == "retrieve" else [JSONRenderer()]

    @extend_schema(
        operation_id="editions_retrieve",
        responses={
            (200, "application/json"): EditionSerializer,
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR, description="The edition as a page."),
        },
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One edition as JSON, or as a page (`Accept: text/html`)."""
        edition = self.get_object()
        if request.accepted_renderer.format == "html":
            versions = [item.version for item in edition.items.all()]
            return Response(edition_page.html(edition, versions, the_organisation()))
        return Response(self.get_serializer(edition).data)
