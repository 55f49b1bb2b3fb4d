"""Filters by field name (django-filter); an unknown one is refused, not ignored."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request

OF_LISTS = {"cursor", "page_size", "ordering"}


def refuse_unknown(request: Request, known: set[str]) -> None:
    """Raise 400 for query parameters that are not known, and for NUL in a value. For views without a filter set too."""
    problems: dict[str, list[ErrorDetail]] = {}
    for name, values in request.query_params.lists():
        if name not in known:
            names = ", ".join(sorted(known)) or "-"
            message = _("There is no filter of this name. Known: %s.") % names
            problems[name.replace("\x00", "")] = [ErrorDetail(message, code="unknown_filter")]
        elif any("\x00" in value for value in values):
            problems[name] = [ErrorDetail(_("Remove the NUL character."), code="null_character")]
    if problems:
        raise ValidationError(problems)


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter, with 400 for a parameter that the view does not know.

    A view adds parameters of its own in `extra_query_parameters`. Only lists know a cursor.
    """

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        is_list = (view.lookup_url_kwarg or view.lookup_field) not in view.kwargs
        known = set(getattr(view, "extra_query_parameters", ()))
        if is_list:
            filterset_class = self.get_filterset_class(view, queryset)
            known |= OF_LISTS | (set(filterset_class.base_filters) if filterset_class else set())
        refuse_unknown(request, known)
        return super().filter_queryset(request, queryset, view) if is_list else queryset


class StrictOrderingFilter(OrderingFilter):
    """`?ordering=` from the view's closed list `ordering_fields` (non-null columns only)."""

    def get_valid_fields(self, queryset: QuerySet[Any], view: Any, context: Any = None) -> list[tuple[str, str]]:
        return [(field, field) for field in getattr(view, "ordering_fields", ())]

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        asked = request.query_params.get("ordering", "")
        valid = {field for field, _label in self.get_valid_fields(queryset, view)}
        if wrong := [term for term in asked.split(",") if asked and term.removeprefix("-") not in valid]:
            message = _("Cannot order by %(wrong)s. Known: %(known)s.") % {
                "wrong": ", ".join(wrong),
                "known": ", ".join(sorted(valid)) or "-",
            }
            raise ValidationError({"ordering": [ErrorDetail(message, code="unknown_ordering")]})
        return queryset  # the cursor paginator does the ordering itself
