"""JSON in: whatever it holds, a view gets a plain object or the caller gets a clear answer."""

from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser

from backend.http.errors import InvalidInput

MAX_DEPTH = 20


class TooLarge(exceptions.APIException):
    """413: the body is larger than any that we can use."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def _refuse(value: Any) -> None:
    """Raise InvalidInput for NUL characters and for nesting that only an attack needs."""
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting:
        path, item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise InvalidInput(_("This is nested deeper than %d levels.") % MAX_DEPTH, code="too_deep", field=path)
        if isinstance(item, dict):
            children = [(f"{path}.{key}".lstrip("."), child) for key, child in item.items()]
            if any("\x00" in key for key in item):
                raise InvalidInput(_("Remove the NUL character."), code="null_character", field=path)
        elif isinstance(item, list):
            children = [(f"{path}.{i}".lstrip("."), child) for i, child in enumerate(item)]
        else:
            if isinstance(item, str) and "\x00" in item:
                raise InvalidInput(_("Remove the NUL character."), code="null_character", field=path)
            continue
        waiting += [(name, child, depth + 1) for name, child in children]


class JSONParser(BaseParser):
    """A JSON object in UTF-8, at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes (DRF's own parser knows no limit)."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge(_("The body is larger than %d bytes. Send less at a time.") % limit)
        try:
            value = orjson.loads(body)
        except ValueError as error:
            message = _("This is no JSON in UTF-8: %s.") % str(error).rstrip(".")
            raise InvalidInput(message, code="not_json") from None
        if not isinstance(value, dict):
            raise InvalidInput(_('Send a JSON object: {"name": value, …}.'), code="not_an_object")
        _refuse(value)
        return value
