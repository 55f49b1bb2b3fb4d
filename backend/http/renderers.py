"""JSON out, whatever the client says it would rather have."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import orjson
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

# Times leave in UTC, as their Z says; DRF would write the local time of the server.
serializers.DateTimeField.timezone = dt.UTC


class JSONRenderer(BaseRenderer):
    """Compact UTF-8 JSON by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        # default=str: Decimal, ErrorDetail and lazy translations.
        return orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


def _accepted(header: str) -> list[str]:
    """The media types of an Accept header, best first (RFC 9110 section 12.5.1); those with q=0 are left out."""
    found: list[tuple[float, str]] = []
    for part in header.split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            found.append((float(quality), media_type))
        except ValueError:
            found.append((0.0, media_type))
    return [media_type for quality, media_type in sorted(found, key=lambda item: -item[0]) if quality > 0]


class Negotiation(BaseContentNegotiation):
    """The first renderer whose type `Accept` names, else the view's first: a 406 helps nobody."""

    def select_parser(self, request: Request, parsers: Iterable[Any]) -> Any:
        return DefaultContentNegotiation().select_parser(request, list(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        offered = {renderer.media_type: renderer for renderer in renderers}
        accepted = _accepted(request.headers.get("Accept", ""))
        best = next((media_type for media_type in accepted if media_type in offered), next(iter(offered)))
        return offered[best], best
