"""Digests, editions, runs and preferences in the API."""

from collections import defaultdict
from typing import Any

import django_filters
from django.db.models import Count, Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation
from alumni.members.api import member_of
from backend.http.etags import ETagMixin, check_if_match, of_version
from backend.http.renderers import JSONRenderer
from backend.http.scopes import HasScope, IsMember, IsPerson, scopes_of
from notifications.digests import history, preferences, runs, tasks
from notifications.digests.models import (
    Digest,
    DigestItem,
    DigestState,
    Edition,
    EditionItem,
    Preference,
    Run,
    RunPost,
    RunState,
)
from notifications.digests.rebuild import rebuild
from notifications.digests.renderers import HTMLRenderer
from notifications.digests.serializers import (
    DigestDetailSerializer,
    DigestSerializer,
    EditionItemSerializer,
    EditionSerializer,
    MyDigestSerializer,
    PreferencesInput,
    PreferencesSerializer,
    RunDetailSerializer,
    RunInput,
    RunSerializer,
    digest_context,
)
from notifications.posts import wording
from notifications.posts.models import PostVersion


def with_items(digests: QuerySet[Digest]) -> QuerySet[Digest]:
    """The digests with what a serializer shows of them, in a constant number of queries."""
    items = DigestItem.objects.select_related("post", "version", "digest").order_by("rank")
    return digests.select_related("run", "member").prefetch_related(
        Prefetch("items", queryset=items.prefetch_related("version__texts"))
    )


def _wants_html(request: Request) -> bool:
    return getattr(request.accepted_renderer, "media_type", "") == HTMLRenderer.media_type


class DigestFilter(django_filters.FilterSet):
    """Filters of the list of digests."""

    state = django_filters.ChoiceFilter(choices=DigestState.choices)
    member = django_filters.UUIDFilter(field_name="member__uid")
    run = django_filters.UUIDFilter(field_name="run__uid")
    since = django_filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="gte")

    class Meta:
        model = Digest
        fields: list[str] = []


@extend_schema_view(list=extend_schema(operation_id="digests_list", responses=DigestSerializer(many=True)))
class DigestViewSet(ETagMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Digest]):
    """Digests, for HR and for programs that fetch them."""

    permission_classes = (HasScope("digests:read"),)
    serializer_class = DigestSerializer
    filterset_class = DigestFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("due_at", "created_at")
    queryset = Digest.objects.all()

    def get_renderers(self) -> list[Any]:
        return [JSONRenderer(), HTMLRenderer()] if self.action == "retrieve" else super().get_renderers()

    def get_queryset(self) -> QuerySet[Digest]:
        return with_items(Digest.objects.all())

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **digest_context(the_organisation().name)}

    @extend_schema(
        operation_id="digests_retrieve",
        responses={(200, "application/json"): DigestDetailSerializer, (200, "text/html"): str},
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One digest with its texts; `Accept: text/html` gives the page alone. Own links need digests:deliver."""
        digest = self.get_object()
        built = rebuild(digest, with_own_links="digests:deliver" in scopes_of(request))
        if _wants_html(request):
            return Response({"html": built.html})
        shown = dict(DigestSerializer(digest, context=self.get_serializer_context()).data)
        shown |= {"exact": built.is_exact, "html": built.html, "text": built.text}
        return Response(shown | {"subject": digest.subject or built.subject})


class EditionFilter(django_filters.FilterSet):
    """Filters of the list of editions."""

    audience = django_filters.CharFilter(field_name="audience__code", help_text="Code of the audience.")
    language = django_filters.CharFilter()
    period = django_filters.CharFilter(help_text="ISO week, like 2026-W47.")
    since = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Edition
        fields: list[str] = []


@extend_schema_view(list=extend_schema(operation_id="editions_list"))
class EditionViewSet(ETagMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Edition]):
    """Editions: the week's posts without anything personal."""

    permission_classes = (HasScope("digests:read"),)
    serializer_class = EditionSerializer
    filterset_class = EditionFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("created_at", "updated_at")
    queryset = Edition.objects.all()

    def get_renderers(self) -> list[Any]:
        return [JSONRenderer(), HTMLRenderer()] if self.action == "retrieve" else super().get_renderers()

    def get_queryset(self) -> QuerySet[Edition]:
        items = EditionItem.objects.select_related("version__post", "version__terms").order_by("rank")
        return Edition.objects.select_related("audience").prefetch_related(
            Prefetch("items", queryset=items.prefetch_related("version__texts"))
        )

    @extend_schema(
        operation_id="editions_retrieve",
        responses={(200, "application/json"): EditionSerializer, (200, "text/html"): str},
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One edition; `Accept: text/html` gives a page that can be put on an intranet as it is."""
        edition = self.get_object()
        if not _wants_html(request):
            return Response(EditionSerializer(edition).data)
        with translation.override(edition.language):
            html = render_to_string("digests/edition.html", _page_of(edition))
        return Response({"html": html})


def _page_of(edition: Edition) -> dict[str, Any]:
    versions = [item.version for item in edition.items.all()]
    items = EditionItemSerializer(versions, many=True, context={"language": edition.language}).data
    shown = [dict(item) | {"pay": _pay(version)} for item, version in zip(items, versions, strict=True)]
    return {"edition": edition, "items": shown, "organisation": the_organisation()}


def _pay(version: PostVersion) -> str:
    terms = version.terms_or_none
    return wording.pay(terms, version.post.kind).symbol if terms else ""


class RunFilter(django_filters.FilterSet):
    """Filters of the list of runs."""

    state = django_filters.ChoiceFilter(choices=RunState.choices)
    since = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")

    class Meta:
        model = Run
        fields: list[str] = []


def _digests_by_state(run_ids: list[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Digest.objects.filter(run__in=run_ids).order_by().values_list("run", "state").annotate(n=Count("pk"))
    for run_id, state, n in rows:
        found[run_id][state] = n
    return found


def _posts_of(run: Run) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, int]] = defaultdict(dict)
    rows = RunPost.objects.filter(run=run).order_by("post_id", "outcome")
    for uid, outcome, n in rows.values_list("post__uid", "outcome", "n"):
        found[uid][outcome] = n
    return [{"post": uid, "total": sum(counts.values()), "outcomes": counts} for uid, counts in found.items()]


class RunViewSet(ETagMixin, IdempotencyMixin, viewsets.GenericViewSet[Run]):
    """Runs: what was planned and where it ended."""

    permission_classes: Any = (HasScope("digests:read"),)
    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("started_at",)
    queryset = Run.objects.select_related("started_by")
    problems = {"create": [409]}

    def get_permissions(self) -> Any:
        if self.action == "create":
            return [HasScope("digests:deliver")(), IsPerson()]
        return super().get_permissions()

    @extend_schema(operation_id="runs_list")
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        found = list(page or [])
        context = {"digests": _digests_by_state([run.pk for run in found])}
        return self.get_paginated_response(RunSerializer(found, many=True, context=context).data)

    @extend_schema(operation_id="runs_retrieve", responses=RunDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Progress, and per post the outcomes; they add up to its audience at that moment."""
        return Response(self._detail(self.get_object()))

    @extend_schema(operation_id="runs_create", request=RunInput, responses={201: RunDetailSerializer})
    def create(self, request: Request) -> Response:
        """Start a run now, or count what it would do. Consent is asked all the same, at planning and at hand-off."""
        serializer = RunInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        run = runs.start(by=request.user, **serializer.validated_data)
        tasks.plan.delay_on_commit(run.pk)
        return Response(self._detail(run), status=status.HTTP_201_CREATED)

    def _detail(self, run: Run) -> dict[str, Any]:
        context = {"digests": _digests_by_state([run.pk]), "posts": _posts_of(run)}
        return dict(RunDetailSerializer(run, context=context).data)


class MyPreferencesView(ETagMixin, APIView):
    """The rhythm of the member who asks."""

    permission_classes = (IsMember,)

    def _answer(self, preference: Preference) -> Response:
        return Response(PreferencesSerializer(preference).data, headers={"ETag": _preference_etag(preference)})

    @extend_schema(operation_id="me_preferences_retrieve", responses=PreferencesSerializer)
    def get(self, request: Request) -> Response:
        """When my digest comes."""
        return self._answer(_preference_of(request))

    @extend_schema(operation_id="me_preferences_update", request=PreferencesInput, responses=PreferencesSerializer)
    def patch(self, request: Request) -> Response:
        """Change rhythm, language, time zone or pause."""
        preference = _preference_of(request)
        check_if_match(request, _preference_etag(preference))
        serializer = PreferencesInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self._answer(preferences.update(member=preference.member, **serializer.validated_data))


def _preference_of(request: Request) -> Preference:
    """The caller's preference; a default that is not stored while they have none (a GET writes nothing)."""
    member = member_of(request)
    return Preference.objects.select_related("member").filter(member=member).first() or Preference(member=member)


def _preference_etag(preference: Preference) -> str:
    return of_version("preferences", preference.member.uid, preference.version, preference.member.version)


class MyDigestsView(ETagMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Digest]):
    """What the member who asks got."""

    permission_classes = (IsMember,)
    serializer_class = MyDigestSerializer
    ordering = "-id"
    queryset = Digest.objects.none()

    def get_queryset(self) -> QuerySet[Digest]:
        if getattr(self, "swagger_fake_view", False):
            return Digest.objects.none()
        assert isinstance(self.request.user, User)
        mine = Digest.objects.filter(member__user=self.request.user, state__in=history.GOT)
        return with_items(mine)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), **digest_context(the_organisation().name)}

    @extend_schema(operation_id="me_digests_list")
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What I got, with the reason of each item, the newest first."""
        return super().list(request, *args, **kwargs)
