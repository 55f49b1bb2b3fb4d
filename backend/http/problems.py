"""Errors as RFC 9457 problem documents."""

from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from backend.http import errors
from backend.http.renderers import JSONRenderer

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"

STATUS_OF: dict[type[errors.KringError], int] = {
    errors.InvalidInput: 400,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.LostUpdate: 412,
}


def document(status: int, *, code: str, detail: str = "", errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The body of a problem. `type` is a URN by code, `errors` is [{"field", "code", "message"}] for invalid input."""
    body: dict[str, Any] = {
        "type": f"urn:kring:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def response(
    status: int, *, code: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """A DRF response with a problem document in it, JSON whatever `Accept` says."""
    return Response(
        document(status, code=code, detail=detail, **more), status=status, headers=headers, content_type=CONTENT_TYPE
    )


def _flatten(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested error detail as a flat list; `field` is dotted, with list positions as numbers."""
    if isinstance(detail, dict):
        return [
            item
            for key, value in detail.items()
            for item in _flatten(value, path if key == "non_field_errors" else f"{path}.{key}".lstrip("."))
        ]
    if isinstance(detail, list):
        if all(isinstance(item, exceptions.ErrorDetail) for item in detail):
            return [{"field": path, "code": item.code or "invalid", "message": str(item)} for item in detail]
        return [item for i, value in enumerate(detail) for item in _flatten(value, f"{path}.{i}".lstrip("."))]
    return [{"field": path, "code": getattr(detail, "code", "invalid") or "invalid", "message": str(detail)}]


def of_error(error: errors.KringError) -> Response:
    """One of our own errors as a response."""
    status = next(status for cls, status in STATUS_OF.items() if isinstance(error, cls))
    if isinstance(error, errors.InvalidInput):
        items = [{"field": field, "code": code, "message": message} for field, code, message in error.errors]
        return response(status, code=error.code, detail=error.message, errors=items)
    return response(status, code=error.code, detail=error.message)


def _of_api_exception(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else None
    return response(error.status_code, code=code or error.default_code, detail=str(error.detail), headers=headers)


def _of_any(error: Exception) -> Response | None:
    if isinstance(error, errors.KringError):
        return of_error(error)
    if isinstance(error, Http404):
        return response(404, code="not_found", detail=_("There is nothing here, or it is not for you to see."))
    if isinstance(error, PermissionDenied):
        return response(403, code="permission_denied", detail=_("You may not do this."))
    if isinstance(error, RequestDataTooBig):
        return response(413, code="too_large", detail=_("The body is too large. Send less at a time."))
    if isinstance(error, exceptions.ValidationError):
        detail = _("Something in what you sent needs mending; see errors.")
        return response(400, code="invalid", detail=detail, errors=_flatten(error.detail))
    if isinstance(error, exceptions.APIException):
        return _of_api_exception(error)
    if isinstance(error, DataError | OverflowError):
        # A number or text that no column can hold, and that no serializer thought of: the caller's, but ours to mend.
        log.exception("value_out_of_range")
        return response(400, code="out_of_range", detail=_("A number or text in what you sent is too large."))
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Anything unknown goes on to Django's handler500, which tells nothing of the inside."""
    set_rollback()
    answer = _of_any(error)
    if answer is not None and (request := context.get("request")) is not None:
        # JSON also where the view would have answered in HTML.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    return answer


def plain(status: int, *, code: str, detail: str, headers: dict[str, str] | None = None) -> JsonResponse:
    """A problem document as a plain Django response, for where no DRF view is at work."""
    return JsonResponse(
        document(status, code=code, detail=detail), status=status, content_type=CONTENT_TYPE, headers=headers
    )


def not_found(request: HttpRequest) -> JsonResponse:
    """For paths that no route knows."""
    detail = _("There is nothing here, or it is not for you to see.")
    if request.path.startswith("/api/") and not request.path.endswith("/"):
        detail = _("There is nothing here. Paths of this API end with a slash.")
    return plain(404, code="not_found", detail=detail)


def request_id() -> str:
    """The number under which the log knows this request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def server_error(_request: HttpRequest) -> JsonResponse:
    """For errors of ours: a request id to quote, nothing of the inside."""
    detail = _("Something went wrong on our side. If it stays, quote %s.") % request_id()
    return plain(500, code="server_error", detail=detail)
