"""OpenAPI: every operation documents the problem documents that it can answer with, its headers and its scopes."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import AllowAny

from backend.http.etags import ETagMixin
from backend.http.problems import CONTENT_TYPE, document

# Status: when, and the code and sentence of the example.
PROBLEMS: dict[int, tuple[str, str, str]] = {
    400: ("Something needs mending.", "invalid", "Something in what you sent needs mending; see errors."),
    401: ("No token, or a wrong one.", "not_authenticated", "Authentication credentials were not provided."),
    403: ("A scope is missing, or a person must do it.", "missing_scope", "This needs the scope members:read."),
    404: ("Not there, or not for you to know of.", "not_found", "There is nothing here, or it is not for you to see."),
    409: ("The state of the thing forbids it.", "conflict", "This was done before."),
    410: ("It was there once.", "gone", "This link has expired. Ask for a new one."),
    412: ("Changed since (If-Match).", "changed_meanwhile", "This was changed in the meantime. Read it again."),
    413: ("The body is too large.", "too_large", "The body is larger than 2097152 bytes. Send less at a time."),
    415: ("Another media type.", "unsupported_media_type", 'Unsupported media type "text/plain" in request.'),
    429: ("Too often.", "throttled", "Request was throttled. Expected available in 12 seconds."),
}

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An RFC 9457 problem document.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:kring:problem:invalid"]},
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable and machine-readable."},
        "detail": {"type": "string", "description": "What is wrong and how to mend it, in the language asked for."},
        "errors": {
            "type": "array",
            "description": "For invalid input: one item a field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "Dotted path; empty for the whole."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


def _problem_response(status: int) -> dict[str, Any]:
    description, code, detail = PROBLEMS[status]
    errors = [{"field": "email", "code": "required", "message": "This field is required."}] if status == 400 else None
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "example": document(status, code=code, detail=detail, errors=errors),
    }
    body: dict[str, Any] = {"description": description, "content": {CONTENT_TYPE: content}}
    if status == 429:
        body["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    if status == 401:
        body["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return body


class AutoSchema(SpectacularAutoSchema):
    """drf-spectacular's, with what our manners add.

    A view names the problems that only it knows: `problems = {"invite": [409], "POST": [410]}`, by action or method.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation.setdefault("security", [{}])  # said to be open
        return operation

    def _declared(self) -> set[int]:
        declared: dict[str, list[int]] = getattr(self.view, "problems", {})
        return {*declared.get(getattr(self.view, "action", None) or "", []), *declared.get(self.method, [])}

    def _statuses(self) -> list[int]:
        found = {401, 429} | self._declared()
        if any(not isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            found.add(403)
        if "{" in self.path:
            found.add(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            found |= {400, 413, 415}
        if self.method == "GET" and self._is_list_view():
            found.add(400)
        if self._takes_if_match():
            found.add(412)
        if self._takes_idempotency_key():
            found |= {400, 409}
        return sorted(found)

    def _takes_if_match(self) -> bool:
        return isinstance(self.view, ETagMixin) and self.method in {"PATCH", "PUT", "DELETE"}

    def _takes_idempotency_key(self) -> bool:
        return self.method == "POST" and getattr(self.view, "takes_idempotency_key", False)

    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if self._takes_if_match():
            found.append(_header("If-Match", "The ETag that you read; 412 when it has changed since."))
        if isinstance(self.view, ETagMixin) and self.method == "GET":
            found.append(_header("If-None-Match", "The ETag that you have; 304 when it is still the same."))
        if self._takes_idempotency_key():
            text = (
                "A key of yours: the same key and body within 24 hours get the same answer, and nothing is done twice."
            )
            found.append(_header("Idempotency-Key", text))
        return found

    def _get_response_bodies(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(*args, **kwargs)
        schema = ResolvedComponent("Problem", ResolvedComponent.SCHEMA, PROBLEM_SCHEMA, object="Problem")
        self.registry.register_on_missing(schema)
        if isinstance(self.view, ETagMixin) and self.method == "GET":
            bodies.setdefault("304", {"description": "Still the same as what If-None-Match names."})
        for status in self._statuses():
            name = f"Problem{status}"
            component = ResolvedComponent(name, ResolvedComponent.RESPONSE, _problem_response(status), object=name)
            self.registry.register_on_missing(component)
            bodies.setdefault(str(status), component.ref)
        return dict(sorted(bodies.items()))


def _header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description)
