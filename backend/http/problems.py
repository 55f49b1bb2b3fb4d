"""Errors as RFC 9457 problem documents."""

from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from backend.http import errors

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


def document(
    status: int, *, code: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
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


def response(status: int, *, code: str, detail: str = "", headers: dict[str, str] | None = None, **more: Any) -> Response:
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


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. Anything unknown goes on to Django's handler500, which tells nothing of the inside."""
    set_rollback()
    if isinstance(error, errors.KringError):
        return of_error(error)
    if isinstance(error, Http404):
        return response(404, code="not_found", detail=_("There is nothing here, or it is not for you to see."))
    if isinstance(error, PermissionDenied):
        return response(403, code="permission_denied", detail=_("You may not do this."))
    if isinstance(error, exceptions.ValidationError):
        items = _flatten(error.detail)
        return response(
            400, code="invalid", detail=_("Something in what you sent needs mending; see errors."), errors=items
        )
    if isinstance(error, exceptions.APIException):
        headers = {}
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = challenge
        if (wait := getattr(error, "wait", None)) is not None:
            headers["Retry-After"] = str(int(wait) + 1)
        code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else error.default_code
        return response(error.status_code, code=code, detail=str(error.detail), headers=headers)
    return None


def _plain(status: int, code: str, detail: str) -> JsonResponse:
    return JsonResponse(document(status, code=code, detail=detail), status=status, content_type=CONTENT_TYPE)


def not_found(_request: HttpRequest) -> JsonResponse:
    """For paths under /api/ that no route knows."""
    return _plain(404, "not_found", _("There is nothing here, or it is not for you to see."))


def server_error(request: HttpRequest) -> JsonResponse:
    """For errors of ours under /api/: a request id to quote, nothing of the inside."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return _plain(500, "server_error", _("Something went wrong on our side. If it stays, quote %s.") % request_id)
