"""Filters by field name (django-filter); an unknown one is refused, not ignored."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request

ALWAYS_KNOWN = {"cursor", "page_size", "ordering"}


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, with 400 for a parameter that the view does not know and for text with NUL in it."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        known = set(filterset_class.base_filters) if filterset_class else set()
        known |= ALWAYS_KNOWN | set(getattr(view, "extra_query_parameters", ()))
        problems: dict[str, list[str]] = {}
        for name, value in request.query_params.items():
            if name not in known:
                problems[name] = [_("There is no filter of this name. Known: %s.") % ", ".join(sorted(known))]
            elif "\x00" in value:
                problems[name] = [_("Remove the NUL character.")]
        if problems:
            raise ValidationError(problems, code="unknown_filter")
        return super().filter_queryset(request, queryset, view)


class StrictOrderingFilter(OrderingFilter):
    """`?ordering=` from the view's closed list `ordering_fields` (non-null columns only)."""

    def get_valid_fields(self, queryset: QuerySet[Any], view: Any, context: Any = None) -> list[tuple[str, str]]:
        return [(field, field) for field in getattr(view, "ordering_fields", ())]

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        asked = [term for term in request.query_params.get("ordering", "").split(",") if term]
        valid = {field for field, _label in self.get_valid_fields(queryset, view)}
        if wrong := [term for term in asked if term.lstrip("-") not in valid]:
            message = _("Cannot order by %(wrong)s. Known: %(known)s.") % {
                "wrong": ", ".join(wrong),
                "known": ", ".join(sorted(valid)) or "-",
            }
            raise ValidationError({"ordering": message})
        return queryset  # the cursor paginator does the ordering itself
