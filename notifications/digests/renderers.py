"""HTML for programs that would rather have a page: the view gives it as `{"html": …}` data."""

from typing import Any

from rest_framework.renderers import BaseRenderer


class HTMLRenderer(BaseRenderer):
    """`Accept: text/html`. Problems stay JSON: error responses carry their own content type."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            from backend.http.renderers import JSONRenderer

            return JSONRenderer().render(data, accepted_media_type, renderer_context)
        return str(data["html"]).encode() if data else b""
