"""The OpenAPI document: one function makes it for the page, the endpoint and the committed file."""

import functools
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView

from alumni.accounts import schema as authentication_schemes  # noqa: F401  drf-spectacular finds them once imported
from alumni.accounts import schema_login
from backend.http import etags

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"


@functools.cache
def document() -> dict[str, Any]:
    """The whole document, in English. Takes a second, so once a process."""
    with translation.override("en"):
        found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    found["paths"] |= schema_login.PATHS
    found["components"]["schemas"] |= schema_login.SCHEMAS
    _allow_blank(found)
    _forget_the_database(found)
    return found


# The widest integers of SQLite's and PostgreSQL's columns, by which drf-spectacular bounds a model's integers.
_COLUMN_BOUNDS = frozenset({32767, 2147483647, 9223372036854775807, -32768, -2147483648, -9223372036854775808})


def _forget_the_database(part: Any) -> None:
    """The API is the same on every database: bounds that are only a column's go, those that we set stay."""
    if isinstance(part, dict):
        kind = part.get("type")
        if kind == "integer" or (isinstance(kind, list) and "integer" in kind):
            part.pop("format", None)
            for bound in ("minimum", "maximum"):
                if part.get(bound) in _COLUMN_BOUNDS:
                    del part[bound]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _forget_the_database(inner)


def _allow_blank(part: Any) -> None:
    """An address or nothing: drf-spectacular says `oneOf`, but a blank text fits both, since formats only annotate."""
    if isinstance(part, dict):
        if any(isinstance(choice, dict) and choice.get("maxLength") == 0 for choice in part.get("oneOf", ())):
            part["anyOf"] = part.pop("oneOf")
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _allow_blank(inner)


@functools.cache
def as_json() -> bytes:
    """The document as it is committed: stable order, two spaces, a newline at the end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document(), default=str, option=options)


@csrf_exempt
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/schema/: for everybody, the same for everybody."""
    etag = etags.of_version(as_json())
    if request.headers.get("If-None-Match") == etag:
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(as_json(), content_type=MEDIA_TYPE)
    answer["ETag"] = etag
    answer["Cache-Control"] = "public, max-age=300"
    return answer


class SwaggerPage(SpectacularSwaggerSplitView):
    """GET /api/docs/: Swagger UI from our own static files, script apart, so that the content security policy holds."""

    url_name = "schema"
    throttle_classes: list[Any] = []
