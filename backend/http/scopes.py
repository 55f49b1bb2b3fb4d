"""Who may call what. The permission classes of every `api.py` come from here; the default is nobody.

A caller has scopes, wherever they came from: a client's token carries those it was granted, a person of HR has those of
their roles, a member has none. So one word says who may: `HasScope("posts:write")`.

`request.auth` is set by `alumni.accounts.authentication` and has `.scopes` (frozenset) and `.is_person` (acts for a
human being: a session or a person token).
"""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from backend.http.errors import NotAllowed

SCOPES: dict[str, str] = {
    "members:read": "Read members, their profile and employments",
    "members:write": "Add and change members, import, invite",
    "consents:read": "Read consents and their history",
    "posts:read": "Read posts and their reach",
    "posts:write": "Write posts and submit them",
    "posts:publish": "Approve, publish and close posts",
    "digests:read": "Read digests, editions and runs",
    "digests:deliver": "Start runs, and see the members' own links in digests",
    "drafts:read": "Read channel drafts",
    "drafts:write": "Edit channel drafts and mark them as posted",
    "privacy:manage": "Erase, export, and see the registers",
}


class Nobody(BasePermission):
    """The default: an endpoint that forgot to say who may is closed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return False


def scopes_of(request: Request) -> frozenset[str]:
    """The scopes of whoever calls; none for nobody."""
    return getattr(request.auth, "scopes", frozenset())


def HasScope(read: str, write: str | None = None) -> type[BasePermission]:  # noqa: N802  reads as a class
    """A permission class: GET, HEAD and OPTIONS need `read`, all else needs `write` (default: `read`)."""

    class ScopePermission(BasePermission):
        scope_read = read
        scope_write = write or read

        def has_permission(self, request: Request, view: Any) -> bool:
            needed = self.scope_read if request.method in SAFE_METHODS else self.scope_write
            if not (request.user and request.user.is_authenticated) and request.auth is None:
                return False
            if needed in scopes_of(request):
                return True
            raise NotAllowed(_("This needs the scope %s.") % needed, code="missing_scope")

    ScopePermission.__name__ = f"HasScope[{read}|{write or read}]"
    return ScopePermission


class IsPerson(BasePermission):
    """What the law or a promise ties to a human being: 403 `person_required` for a client, whatever its scopes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None and not (request.user and request.user.is_authenticated):
            return False
        if getattr(request.auth, "is_person", False):
            return True
        raise NotAllowed(_("A person must do this: use the back office or a person token."), code="person_required")


class IsMember(BasePermission):
    """A member, for what is their own."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None and not (request.user and request.user.is_authenticated):
            return False
        if getattr(request.user, "member", None) is not None:
            return True
        raise NotAllowed(_("Only a member can do this, for themselves."), code="member_required")
