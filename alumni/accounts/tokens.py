"""API tokens made by hand: a client's, or a person's. Shown once, stored hashed."""

import datetime as dt

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.utils import timezone

from alumni.accounts.models import ApiToken, User
from alumni.accounts.secret_tokens import new_token
from backend.http.errors import InvalidInput
from backend.http.scopes import SCOPES


def _store(*, name: str, days: int, user: User | None, client: Client | None, scopes: list[str]) -> str:
    value, _digest = new_token()
    token = Token(
        type=Token.Type.ACCESS_TOKEN, user=user, client=client, expires_at=timezone.now() + dt.timedelta(days=days)
    )
    token.set_value(value)
    token.set_scopes(scopes)
    token.save()
    ApiToken.objects.create(token=token, name=name, user=user)
    return value


@transaction.atomic
def create_client_token(*, name: str, scopes: list[str], days: int = 365) -> str:
    """A ready token for an integration. Raises InvalidInput for a scope that does not exist."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise InvalidInput(
            f"There is no scope {', '.join(unknown)}. Known: {', '.join(SCOPES)}.", code="unknown_scope", field="scope"
        )
    client, _created = Client.objects.get_or_create(
        name=name, defaults={"grant_types": Client.GrantType.CLIENT_CREDENTIALS, "scopes": "\n".join(scopes)}
    )
    return _store(name=name, days=days, user=None, client=client, scopes=scopes)


@transaction.atomic
def create_person_token(*, user: User, name: str, days: int = 365) -> str:
    """A ready token that acts for one human being, with what their roles allow at the moment of each call."""
    return _store(name=name, days=days, user=user, client=None, scopes=[])


def revoke(*, name: str) -> int:
    """End every live token of this name. Returns how many."""
    return ApiToken.objects.filter(name=name, revoked_at=None).update(revoked_at=timezone.now())
