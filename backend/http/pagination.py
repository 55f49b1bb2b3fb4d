"""Cursor pagination: `{"next", "previous", "results"}`."""

from typing import Any

from rest_framework import pagination

MAX_PAGE_SIZE = 200


class CursorPagination(pagination.CursorPagination):
    """`?page_size=` up to 200 (more is refused by the filters' strictness, not cut), `?cursor=` opaque."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE
    ordering = "-id"

    def get_page_size(self, request: Any) -> int:
        """The asked size. Raises 400 for what is not a number from 1 to 200."""
        from django.utils.translation import gettext as _
        from rest_framework.exceptions import ValidationError

        raw = request.query_params.get(self.page_size_query_param)
        if raw is None:
            return self.page_size
        if not (raw.isascii() and raw.isdigit() and 1 <= int(raw) <= MAX_PAGE_SIZE):
            message = _("page_size is a number from 1 to %d.") % MAX_PAGE_SIZE
            raise ValidationError({"page_size": message})
        return int(raw)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """OpenAPI 3.1 knows no `nullable`."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }
