"""Cursor pagination: `{"next", "previous", "results"}`.

By the values of the last row (keyset), not by counting: a page costs the same at the end of a list as at its start, and
rows that come or go in between are neither shown twice nor skipped.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.core import signing
from django.db.models import Model, Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

MAX_PAGE_SIZE = 200


def _backwards(ordering: list[str]) -> list[str]:
    return [term[1:] if term.startswith("-") else f"-{term}" for term in ordering]


def _after(ordering: list[str], values: list[Any]) -> Q:
    """The rows that come after the row with these values, in this order."""
    condition, equal = Q(), Q()
    for term, value in zip(ordering, values, strict=True):
        name = term.lstrip("-")
        beyond = "lt" if term.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{beyond}": value})
        equal &= Q(**{name: value})
    return condition


class CursorPagination(pagination.BasePagination):
    """`?page_size=` from 1 to 200, more is refused and not cut; `?cursor=` opaque and signed, so that a changed one, or
    one of another ordering, is 400. Orders by `?ordering=` or the view's `ordering`: non-null columns of the model.
    """

    page_size = 50
    ordering = "-id"

    def get_page_size(self, request: Request) -> int:
        """The asked size. Raises 400 for what is not a number from 1 to 200."""
        raw = request.query_params.get("page_size")
        if raw is None:
            return self.page_size
        if not (raw.isascii() and raw.isdigit() and len(raw) < 5 and 1 <= int(raw) <= MAX_PAGE_SIZE):
            message = _("page_size is a number from 1 to %d.") % MAX_PAGE_SIZE
            raise ValidationError({"page_size": [ErrorDetail(message, code="invalid")]})
        return int(raw)

    def _ordering(self, request: Request, view: Any) -> list[str]:
        asked = request.query_params.get("ordering") or getattr(view, "ordering", None) or self.ordering
        terms = asked.split(",") if isinstance(asked, str) else list(asked)
        # The key at the end makes the order total: rows with equal values keep their places.
        return terms if terms[-1].lstrip("-") in {"id", "pk"} else [*terms, "-pk" if terms[-1][0] == "-" else "pk"]

    def _salt(self, view: Any) -> str:
        return f"cursor:{type(view).__name__}:{','.join(self.terms)}"

    def _decode(self, request: Request, model: type[Model], view: Any) -> tuple[bool, list[Any]] | None:
        raw = request.query_params.get("cursor")
        if raw is None:
            return None
        try:
            backward, texts = signing.loads(raw, salt=self._salt(view))
        except signing.BadSignature:
            message = _("This cursor is not one of this list. Start again without it.")
            raise ValidationError({"cursor": [ErrorDetail(message, code="invalid_cursor")]}) from None
        fields = [self._field(model, term) for term in self.terms]
        return backward, [field.to_python(text) for field, text in zip(fields, texts, strict=True)]

    @staticmethod
    def _field(model: type[Model], term: str) -> Any:
        name = term.lstrip("-")
        return model._meta.pk if name == "pk" else model._meta.get_field(name)

    def _cursor(self, row: Model, *, backward: bool) -> str:
        texts = [self._field(type(row), term).value_to_string(row) for term in self.terms]
        return signing.dumps([backward, texts], salt=self._salt(self.view), compress=True)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.view = request, view
        size = self.get_page_size(request)
        self.terms = self._ordering(request, view)
        cursor = self._decode(request, queryset.model, view)
        backward = cursor is not None and cursor[0]
        terms = _backwards(self.terms) if backward else self.terms
        rows = queryset.order_by(*terms)
        if cursor is not None:
            rows = rows.filter(_after(terms, cursor[1]))
        found = list(rows[: size + 1])
        more, page = len(found) > size, found[:size]
        self.page = page[::-1] if backward else page
        self.has_next = bool(page) and (more or backward)
        self.has_previous = bool(page) and (more if backward else cursor is not None)
        return self.page

    def _link(self, row: Model, *, backward: bool) -> str:
        parts = urlsplit(self.request.build_absolute_uri())
        query = QueryDict(parts.query, mutable=True)
        query["cursor"] = self._cursor(row, backward=backward)
        return urlunsplit(parts._replace(query=query.urlencode()))

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(self.page[-1], backward=False) if self.has_next else None,
                "previous": self._link(self.page[0], backward=True) if self.has_previous else None,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI 3.1 knows no `nullable`."""
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """What drf-spectacular asks for."""
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": self.page_size}
        cursor = "Opaque; follow `next` and `previous`."
        return [
            {"name": "cursor", "in": "query", "required": False, "description": cursor, "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "required": False, "description": "Rows a page.", "schema": size},
        ]
