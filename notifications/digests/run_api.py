"""Runs in the API: how they went, and starting one."""

from typing import Any

import django_filters
from django.db.models import Count, Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from backend.http.etags import ETagMixin
from backend.http.scopes import HasScope, IsPerson
from backend.http.serializers import StrictSerializer
from notifications.digests import runs, tasks
from notifications.digests.models import Digest, Run, RunPost, RunState


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run; `started_by` is null when it started by itself. `members` were looked at, `empty` had nothing new."""

    id = serializers.UUIDField(source="uid")
    state = serializers.ChoiceField(choices=RunState.choices)
    started_by = serializers.CharField(
        source="started_by.name", default=None, allow_null=True, help_text="null: by itself."
    )
    members = serializers.IntegerField(source="members_seen")
    digests = serializers.SerializerMethodField()
    items = serializers.SerializerMethodField()

    class Meta:
        model = Run
        fields = (
            "id", "state", "is_dry_run", "everybody", "started_by", "due_at", "started_at", "planned_at", "finished_at",
            "members", "empty", "digests", "items",
        )  # fmt: skip

    @extend_schema_field(serializers.IntegerField())
    def get_digests(self, run: Run) -> int:
        return int(run.counts.get("digests", 0))

    @extend_schema_field(serializers.IntegerField())
    def get_items(self, run: Run) -> int:
        return int(run.counts.get("items", 0))


class RunPostSerializer(serializers.Serializer[Any]):
    """How many members of a post's audience ended where; they add up to `audience`."""

    post = serializers.UUIDField(help_text="The post's id.")
    audience = serializers.IntegerField()
    outcomes = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By code: handed_over, failed, bounced, unconfirmed, withheld, closed, set_aside, erased (planned "
        "while the run is under way), had_it, digest_full, not_due, no_consent, refused, withdrawn, expired, "
        "overtaken, paused, restricted, suppressed, undeliverable.",
    )


class WholeRunSerializer(RunSerializer):
    """A run with its counts: of digests by state, and per post by outcome."""

    states = serializers.SerializerMethodField(help_text="How many digests stand in each state now.")
    posts = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "states", "posts")  # type: ignore[assignment]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_states(self, run: Run) -> dict[str, int]:
        rows = Digest.objects.filter(run=run).order_by().values_list("state").annotate(n=Count("pk"))
        return dict(sorted(rows))

    @extend_schema_field(RunPostSerializer(many=True))
    def get_posts(self, run: Run) -> list[dict[str, Any]]:
        by_post: dict[Any, dict[str, int]] = {}
        for row in run.run_posts.all():
            by_post.setdefault(row.post.uid, {})[row.outcome] = row.n
        return [
            {"post": uid, "audience": sum(outcomes.values()), "outcomes": outcomes} for uid, outcomes in by_post.items()
        ]


class StartInput(StrictSerializer):
    """What to start: a dry run counts and sends nothing."""

    dry_run = serializers.BooleanField(default=False)


class RunFilter(django_filters.FilterSet):
    """Filters of the list of runs."""

    state = django_filters.ChoiceFilter(choices=RunState.choices)
    is_dry_run = django_filters.BooleanFilter()

    class Meta:
        model = Run
        fields: list[str] = []


_RUN = {
    "id": "01998f3a-1111-7a3b-9d2f-0c6b7e8f9a12",
    "state": "planning",
    "is_dry_run": True,
    "everybody": False,
    "started_by": "Marieke de Boer",
    "due_at": "2026-11-24T08:30:00Z",
    "started_at": "2026-11-24T08:30:00Z",
    "planned_at": None,
    "finished_at": None,
    "members": 0,
    "empty": 0,
    "digests": 0,
    "items": 0,
}


@extend_schema_view(
    list=extend_schema(operation_id="runs_list"),
    retrieve=extend_schema(operation_id="runs_retrieve", responses=WholeRunSerializer),
)
class RunViewSet(
    ETagMixin, IdempotencyMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Run]
):
    """Runs, newest first."""

    serializer_class = RunSerializer
    filterset_class = RunFilter
    lookup_field = "uid"
    ordering = "-id"
    ordering_fields = ("started_at",)
    queryset = Run.objects.select_related("started_by")
    problems = {"create": [409]}

    def get_permissions(self) -> list[BasePermission]:
        scope = HasScope("digests:read", "digests:deliver")()
        return [IsPerson(), scope] if self.action == "create" else [scope]

    def get_serializer_class(self) -> type[RunSerializer]:
        return WholeRunSerializer if self.action == "retrieve" else RunSerializer

    def get_queryset(self) -> QuerySet[Run]:
        rows = super().get_queryset()
        if self.action != "retrieve":
            return rows
        counts = RunPost.objects.select_related("post").order_by("post_id", "outcome")
        return rows.prefetch_related(Prefetch("run_posts", queryset=counts))

    @extend_schema(
        operation_id="runs_create",
        request=StartInput,
        responses={202: RunSerializer},
        examples=[
            OpenApiExample("A dry run", value={"dry_run": True}, request_only=True),
            OpenApiExample("Started", value=_RUN, response_only=True, status_codes=["202"]),
        ],
    )
    def create(self, request: Request) -> Response:
        """Start a run over all who are due, or count who would get what. Read it again to see how far it is."""
        serializer = StartInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        assert isinstance(request.user, User)  # IsPerson made sure
        run = runs.start(by=request.user, dry_run=serializer.validated_data["dry_run"])
        tasks.plan.delay_on_commit(run.pk)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)
