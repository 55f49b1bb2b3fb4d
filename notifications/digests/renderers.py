"""HTML out, where a caller asks for it."""

from typing import Any

from rest_framework.renderers import BaseRenderer


class HTMLRenderer(BaseRenderer):
    """A view that offers this answers with a page as text, if `request.accepted_media_type` is text/html."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> str:
        return data if isinstance(data, str) else ""
