"""ETag, If-None-Match and If-Match (RFC 9110 section 13)."""

import hashlib
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from backend.http.errors import LostUpdate


def _names(header: str | None, etag: str) -> bool:
    """Whether the header names this tag. A `W/` that a compressing proxy put in front does not count."""
    if header is None:
        return False
    tags = [tag.strip() for tag in header.split(",")]
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]


def check_if_match(request: Request, etag: str) -> None:
    """Raise LostUpdate (412) when the request carries an If-Match that names another version.

    Without If-Match the write goes on: who does not care about others' changes need not say so.
    """
    header = request.headers.get("If-Match")
    if header is not None and not _names(header, etag):
        raise LostUpdate(_("This was changed in the meantime. Read it again, then decide."), code="changed_meanwhile")


def of_version(*parts: Any) -> str:
    """A strong ETag over the identity and version of what is shown."""
    return '"' + hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32] + '"'


class ETagMixin:
    """For any APIView: GET answers carry an ETag of their bytes; If-None-Match that names it gets 304.

    A view whose object has a `version` sets its own `ETag` header with `of_version`, and checks If-Match against it.
    """

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if request.method not in {"GET", "HEAD"} or response.status_code != 200 or response.streaming:
            return response
        if "ETag" not in response:
            if isinstance(response, Response):
                response.render()
            response["ETag"] = of_version(
                response.get("Content-Type", ""), hashlib.sha256(response.content).hexdigest()
            )
        response.setdefault("Cache-Control", "private, no-cache")
        if not _names(request.headers.get("If-None-Match"), response["ETag"]):
            return response
        kept = {name: response[name] for name in ("ETag", "Cache-Control", "Vary") if name in response}
        unchanged = super().finalize_response(request, Response(status=304), *args, **kwargs)  # type: ignore[misc]
        for name, value in kept.items():
            unchanged[name] = value
        return unchanged
