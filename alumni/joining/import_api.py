"""Imports in the API: upload a file, see what it would do, apply it."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    extend_schema,
    extend_schema_field,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import User
from alumni.joining import error_file, imports, tasks
from alumni.joining.models import Import, ImportState, RowAction
from backend.http.etags import ETagMixin
from backend.http.parsers import JSONParser, TooLarge
from backend.http.scopes import HasScope
from backend.http.serializers import StrictSerializer
from backend.http.throttling import CallerRateThrottle, ScopedCallerThrottle

# What may surround the file in a multipart body: boundaries, the other fields.
_AROUND_THE_FILE = 64 * 1024


class ImportThrottle(ScopedCallerThrottle):
    """Files are work."""

    scope = "import"


class FileParser(MultiPartParser):
    """multipart/form-data, refused by its announced length before any of it is read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        announced = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if int(announced) > settings.IMPORT_MAX_BYTES + _AROUND_THE_FILE:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise TooLarge(_("This file is larger than %d MB. Split it into parts.") % limit)
        return super().parse(stream, media_type, parser_context)


@extend_schema_field(OpenApiTypes.STR)
class MappingField(serializers.JSONField):
    """JSON in a form field: an object of strings."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        value = super().to_internal_value(data)
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value.values()):
            raise serializers.ValidationError(_('Write JSON like {"Roepnaam": "given_name"}.'), code="mapping")
        return value


_LEAVERS = {"file": "leavers.csv", "source": "hr"}


@extend_schema_serializer(
    examples=[OpenApiExample("Leavers", value=_LEAVERS, request_only=True, media_type="multipart/form-data")]
)
class ImportInput(StrictSerializer):
    """A file, and what it does not say itself. Without these the format is found out."""

    file = serializers.FileField(help_text="CSV (UTF-8, UTF-16, Windows-1252; ; , or tab) or XLSX.")
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=100,
        default=imports.DEFAULT_SOURCE,
        help_text="Where the list comes from. Personnel numbers are unique within one source.",
    )
    mapping = MappingField(
        default=dict,
        help_text='Which field a column is, as JSON: {"Roepnaam": "given_name", "Chef": "ignore"}.',
    )
    encoding = serializers.CharField(max_length=20, allow_null=True, default=None, help_text="utf-8, utf-16, cp1252")
    delimiter = serializers.CharField(max_length=3, allow_null=True, default=None, help_text="; , | or tab")
    kind = serializers.ChoiceField(choices=imports.KINDS, default="auto", help_text="What the people in it are.")


class RemarkSerializer(serializers.Serializer[Any]):
    """A column that was left out, and why."""

    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class CountsSerializer(serializers.Serializer[Any]):
    """Rows by what applying does, or did. They add up to `done`, and in the end to `total`."""

    create = serializers.IntegerField(help_text="New people.")  # type: ignore[assignment]
    update = serializers.IntegerField(help_text="Known people of whom something changed.")  # type: ignore[assignment]
    add_employment = serializers.IntegerField(help_text="Another employment of somebody known.")
    skip = serializers.IntegerField(help_text="Nothing new.")
    suppressed = serializers.IntegerField(help_text="May not be brought in. Nobody learns who.")
    error = serializers.IntegerField(help_text="Bad rows; see errors.csv.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Staged",
            value={
                "id": "01a1ff89-f700-77de-85c1-6a2c3153dd6d",
                "source": "hr",
                "filename": "leavers.csv",
                "file_sha256": "2957d1fb38e5c12ac59615218f60a7a2dab0384b3f9a4b510bf65f0c9ba8987c",
                "state": "staged",
                "total": 254,
                "done": 254,
                "counts": {
                    "create": 219,
                    "update": 0,
                    "add_employment": 7,
                    "skip": 7,
                    "suppressed": 0,
                    "error": 21,
                },
                "mapping": {"Voornaam": "given_name", "Achternaam": "family_name", "E-mail privé": "email"},
                "remarks": [
                    {"column": "Geboortedatum", "code": "not_kept", "message": "We do not keep this."},
                ],
                "problem": "",
                "created_at": "2026-11-21T09:00:00Z",
                "applied_at": None,
            },
            response_only=True,
        )
    ]
)
class ImportSerializer(serializers.Serializer[Any]):
    """An import and how far it is. `total` is null while the file is being read."""

    id = serializers.UUIDField(source="uid")
    source = serializers.CharField()  # type: ignore[assignment]
    filename = serializers.CharField()
    file_sha256 = serializers.CharField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    total = serializers.SerializerMethodField()
    done = serializers.IntegerField()
    counts = serializers.SerializerMethodField()
    mapping = serializers.DictField(child=serializers.CharField(), help_text="How columns were read.")
    remarks = RemarkSerializer(many=True)
    problem = serializers.CharField(help_text="Why the file could not be read; empty otherwise.")
    created_at = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)

    def get_total(self, batch: Import) -> int | None:
        return None if batch.state in {ImportState.STAGING, ImportState.FAILED} else batch.total

    @extend_schema_field(CountsSerializer)
    def get_counts(self, batch: Import) -> dict[str, int]:
        return {action.value: batch.counts.get(action.value, 0) for action in RowAction}


class ImportFilter(FilterSet):
    """By state."""

    state = ChoiceFilter(choices=ImportState.choices)


@extend_schema_view(
    list=extend_schema(operation_id="imports_list", description="Imports, newest first."),
    retrieve=extend_schema(operation_id="imports_retrieve", description="One import: how far it is, what it came to."),
)
class ImportViewSet(
    IdempotencyMixin, ETagMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Import]
):
    """Imports of leavers and freelancers. They give nobody consent and mail nobody."""

    permission_classes: Any = (HasScope("members:write"),)
    serializer_class = ImportSerializer
    filterset_class = ImportFilter
    lookup_field = "uid"
    ordering: Any = ("-id",)
    problems = {"create": [413], "apply": [409]}
    queryset = Import.objects.all()

    def get_queryset(self) -> QuerySet[Import]:
        return Import.objects.defer("options")

    def get_parsers(self) -> list[BaseParser]:
        is_upload = getattr(self, "action_map", {}).get("post") == "create"
        return [FileParser()] if is_upload else [JSONParser()]

    def get_throttles(self) -> list[Any]:
        return [ImportThrottle()] if self.action == "create" else [CallerRateThrottle()]

    def _accepted(self, batch: Import) -> Response:
        """202: what is still to be done, a worker does; nothing is lost when there is none."""
        if batch.state in {ImportState.STAGING, ImportState.APPLYING}:
            tasks.work_on.delay_on_commit(batch.pk)
        location = reverse("import", args=[batch.uid])
        data = ImportSerializer(batch).data
        return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": location})

    @extend_schema(
        operation_id="imports_create",
        request={"multipart/form-data": ImportInput},
        responses={202: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Upload a file: it is read and checked, nobody is changed. Ask for the import until its state is `staged`."""
        serializer = ImportInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        given = dict(serializer.validated_data)
        upload, source = given.pop("file"), given.pop("source")
        by = request.user if isinstance(request.user, User) else None
        batch = imports.receive(source=source, filename=upload.name or "", upload=upload, by=by, options=given)
        return self._accepted(batch)

    @extend_schema(operation_id="imports_apply", request=None, responses={202: ImportSerializer})
    def apply(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write what the good rows add. Ask for the import until its state is `applied`; once more changes nothing."""
        return self._accepted(imports.start_applying(batch=self.get_object()))

    @extend_schema(operation_id="imports_errors", responses={(200, "text/csv"): OpenApiTypes.STR})
    def errors(self, request: Request, *args: Any, **kwargs: Any) -> StreamingHttpResponse:
        """The bad rows as CSV: row, column, code, and in words what is wrong and how to mend it."""
        batch = self.get_object()
        answer = StreamingHttpResponse(error_file.lines(batch), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="errors-{batch.uid}.csv"'
        answer["Cache-Control"] = "no-store"
        return answer
