"""Who is calling the API: a bearer token (a client's or a person's), a member's session token, or the back office's
cookie. A credential that is there but wrong is 401, also where anybody may read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from allauth.idp.oidc.models import Token
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from alumni.accounts.models import ApiToken, User
from alumni.accounts.roles import scopes_of


@dataclass(frozen=True)
class Credentials:
    """What `request.auth` holds. `key` tells callers apart (rate limits, idempotency); it is no secret."""

    key: str
    scopes: frozenset[str]
    is_person: bool


def _person(user: User) -> tuple[User, Credentials]:
    return user, Credentials(key=f"user:{user.pk}", scopes=scopes_of(user), is_person=True)


def _touch(token: ApiToken, today: dt.date) -> None:
    # At most one write a day and token: the day of last use is enough to find unused ones.
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …` (RFC 6750). A client's token has the scopes that it was granted."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kring"'

    def authenticate(self, request: Request) -> tuple[Any, Credentials] | None:
        scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        token = self._lookup(value.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, has expired or was revoked."))
        if token.user is not None:
            if not token.user.is_active:
                raise exceptions.AuthenticationFailed(_("This token is unknown, has expired or was revoked."))
            return _person(token.user)
        # By client and not by token: a client that fetches a new token stays the same caller.
        key = f"client:{token.client_id}"
        return AnonymousUser(), Credentials(key=key, scopes=frozenset(token.get_scopes()), is_person=False)

    def _lookup(self, value: str) -> Token | None:
        if not value or not value.isascii():
            return None
        token = (
            Token.objects.valid()
            .by_value(value)
            .filter(type=Token.Type.ACCESS_TOKEN)
            .select_related("user__member", "api_token")
            .first()
        )
        named: ApiToken | None = getattr(token, "api_token", None)
        if token is None or (named is not None and named.revoked_at is not None):
            return None
        if named is not None:
            _touch(named, timezone.now().date())
        return token


class SessionTokenAuthentication(XSessionTokenAuthentication):
    """`X-Session-Token` of allauth headless: a person who logged in with a code."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kring"'

    def authenticate(self, request: Request) -> tuple[Any, Credentials] | None:
        if "X-Session-Token" not in request.headers:
            return None
        found = super().authenticate(request)
        if found is None or not found[0].is_active:
            raise exceptions.AuthenticationFailed(_("This session has ended. Log in again."))
        user, _session = found
        return _person(user)


class CookieAuthentication(authentication.SessionAuthentication):
    """The session of the back office or of the member's pages; unsafe methods need the CSRF token."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="kring"'

    def authenticate(self, request: Request) -> tuple[Any, Credentials] | None:
        found = super().authenticate(request)
        return None if found is None else _person(found[0])
