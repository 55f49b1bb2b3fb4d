"""The OpenAPI of how to get in. These routes are allauth's, not DRF's, so that nothing finds them by itself."""

from typing import Any

_SESSION = {"$ref": "#/components/schemas/LoginSession"}
_TOO_OFTEN = "Asked too often for this address or from this one, or the input needs mending."


def _body(schema: dict[str, Any], example: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"required": True, "content": {media_type: {"schema": schema, "example": example}}}


def _answer(description: str, schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema, "example": example}}}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


_TEXT = {"type": "string"}
_PENDING = {
    "status": 401,
    "data": {"flows": [{"id": "login_by_code", "is_pending": True}]},
    "meta": {"is_authenticated": False, "session_token": "z5m2…"},
}
_WHO = {
    "status": 200,
    "data": {
        "user": {"id": "01a1f2c4-7c1e-7b55-8d51-90a1b2c3d4e5", "display": "Noor Bakker", "email": "noor@thuis.example"},
        "methods": [{"method": "code", "at": 1795262400.0, "email": "noor@thuis.example"}],
    },
    "meta": {"is_authenticated": True, "session_token": "q8w3…"},
}
_WRONG = {"status": 400, "errors": [{"message": "This code is wrong.", "code": "incorrect_code", "param": "code"}]}

SCHEMAS: dict[str, Any] = {
    "LoginSession": {
        "type": "object",
        "description": "Who is logged in, or which step comes next. `meta.session_token` replaces the one you had.",
        "required": ["status", "data", "meta"],
        "properties": {
            "status": {"type": "integer"},
            "data": {
                "type": "object",
                "properties": {
                    "user": _object(id={"type": "string", "format": "uuid"}, display=_TEXT, email=_TEXT),
                    "flows": {"type": "array", "items": {"type": "object"}},
                    "methods": {"type": "array", "items": {"type": "object"}},
                },
            },
            "meta": {
                "type": "object",
                "required": ["is_authenticated"],
                "properties": {"is_authenticated": {"type": "boolean"}, "session_token": _TEXT},
            },
        },
    },
    "LoginErrors": _object(
        status={"type": "integer"},
        errors={"type": "array", "items": _object(message=_TEXT, code=_TEXT)},
    ),
}
_ERRORS = {"$ref": "#/components/schemas/LoginErrors"}

_TOKEN = _object(access_token=_TEXT, token_type={"const": "Bearer"}, expires_in={"type": "integer"}, scope=_TEXT)
_TOKEN_REQUEST = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "scope": {"type": "string", "description": "Separated by spaces; default: all that the client has."},
        "client_id": {"type": "string", "description": "Unless sent as HTTP Basic."},
        "client_secret": {"type": "string", "description": "Unless sent as HTTP Basic."},
    },
}
_FORM = "application/x-www-form-urlencoded"

PATHS: dict[str, Any] = {
    "/identity/o/api/token": {
        "post": {
            "operationId": "token_create",
            "summary": "A program fetches its token",
            "description": "OAuth 2 client credentials (RFC 6749 section 4.4). The token lasts an hour.",
            "tags": ["login"],
            "security": [],
            "requestBody": _body(_TOKEN_REQUEST, {"grant_type": "client_credentials", "scope": "digests:read"}, _FORM),
            "responses": {
                "200": _answer(
                    "The token.",
                    _TOKEN,
                    {"access_token": "Yb0…", "token_type": "Bearer", "expires_in": 3600, "scope": "digests:read"},
                ),
                "400": _answer("Refused.", _object(error=_TEXT), {"error": "invalid_scope"}),
                "401": _answer("Not this client's secret.", _object(error=_TEXT), {"error": "invalid_client"}),
            },
        }
    },
    "/_allauth/app/v1/auth/code/request": {
        "post": {
            "operationId": "login_code_request",
            "summary": "Mail me a code",
            "description": "The answer is the same for everybody: 401, since the code is still to come.",
            "tags": ["login"],
            "security": [],
            "requestBody": _body(_object(email={"type": "string", "format": "email"}), {"email": "noor@thuis.example"}),
            "responses": {
                "401": _answer("If the address is known, a code is on its way. Keep the token.", _SESSION, _PENDING),
                "400": _answer(_TOO_OFTEN, _ERRORS, {"status": 400, "errors": []}),
            },
        }
    },
    "/_allauth/app/v1/auth/code/confirm": {
        "post": {
            "operationId": "login_code_confirm",
            "summary": "Log in with the code",
            "tags": ["login"],
            "security": [{"session_token": []}],
            "requestBody": _body(_object(code=_TEXT), {"code": "KNTP-SHBH"}),
            "responses": {
                "200": _answer("Logged in: from now on use the new session token.", _SESSION, _WHO),
                "400": _answer("A wrong code; the third ends the attempt.", _ERRORS, _WRONG),
                "409": {"description": "No code was asked for in this session, or it has expired."},
            },
        }
    },
    "/_allauth/app/v1/auth/session": {
        "get": {
            "operationId": "login_session_read",
            "summary": "Who am I",
            "tags": ["login"],
            "security": [{"session_token": []}],
            "responses": {
                "200": _answer("Logged in.", _SESSION, _WHO),
                "401": _answer("Not logged in (yet).", _SESSION, _PENDING),
                "410": _answer("This session is over.", _SESSION, _PENDING | {"status": 410}),
            },
        },
        "delete": {
            "operationId": "login_session_end",
            "summary": "Log out",
            "tags": ["login"],
            "security": [{"session_token": []}],
            "responses": {"401": _answer("Logged out.", _SESSION, _PENDING)},
        },
    },
}
