"""JSON out, whatever the client says it would rather have."""

from collections.abc import Sequence
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


def _default(value: Any) -> Any:
    return str(value)  # Decimal, UUID in odd places, lazy translations


class JSONRenderer(BaseRenderer):
    """Compact UTF-8 JSON by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if data is None:
            return b""
        return orjson.dumps(data, default=_default, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z)


class Negotiation(BaseContentNegotiation):
    """The first renderer whose type `Accept` names, else the view's first: a 406 helps nobody."""

    def select_parser(self, request: Request, parsers: Sequence[Any]) -> Any:
        from rest_framework.negotiation import DefaultContentNegotiation

        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(
        self, request: Request, renderers: Sequence[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        wanted = [part.split(";")[0].strip() for part in request.headers.get("Accept", "").split(",")]
        for media_type in wanted:
            for renderer in renderers:
                if renderer.media_type == media_type:
                    return renderer, renderer.media_type
        return renderers[0], renderers[0].media_type
