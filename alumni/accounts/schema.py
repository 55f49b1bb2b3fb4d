"""How drf-spectacular describes the three ways to say who one is."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from backend.http.scopes import SCOPES


def _needed(auto_schema: Any) -> list[str]:
    """The scopes that a program needs for this operation."""
    read = auto_schema.method in {"GET", "HEAD", "OPTIONS"}
    permissions = auto_schema.view.get_permissions()
    names = [getattr(permission, "scope_read" if read else "scope_write", None) for permission in permissions]
    return [name for name in names if name]


class Bearer(OpenApiAuthenticationExtension):
    """A token, ready-made or fetched."""

    target_class = "alumni.accounts.authentication.BearerAuthentication"
    name = ["token", "oauth2"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        scopes = _needed(auto_schema)
        # A program never has what only a person may do; a person's token is not fetched.
        return [{"token": []}, {"oauth2": scopes}] if scopes else [{"token": []}]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        flow = {"tokenUrl": "/identity/o/api/token", "scopes": dict(SCOPES)}
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "description": "A ready token of `manage.py token create`: a program's, or one that acts for a person.",
            },
            {
                "type": "oauth2",
                "description": "A program fetches its own token with the id and secret of `manage.py token client`.",
                "flows": {"clientCredentials": flow},
            },
        ]


class SessionToken(OpenApiAuthenticationExtension):
    """What the login by code gives."""

    target_class = "alumni.accounts.authentication.SessionTokenAuthentication"
    name = "session_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "From /_allauth/app/v1/auth/code/confirm: a person who logged in with a code by mail."
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": description}


class Cookie(OpenApiAuthenticationExtension):
    """The session of the back office and the member's pages."""

    target_class = "alumni.accounts.authentication.CookieAuthentication"
    name = "session_cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        from django.conf import settings

        description = "The browser's session; unsafe methods need the CSRF token as well."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": description}
