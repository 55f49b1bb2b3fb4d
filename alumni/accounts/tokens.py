"""API tokens made by hand, a client's or a person's, and clients that fetch their own. Shown once, stored hashed."""

import datetime as dt
import secrets
from collections.abc import Iterable

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from alumni.accounts.models import ApiToken, User
from alumni.accounts.secret_tokens import new_token
from backend.http.errors import InvalidInput, NotFound
from backend.http.scopes import SCOPES
from backend.http.serializers import has_control_characters

LONGEST_DAYS = 3650
NO_SECRET = "!"  # noqa: S105  the hash of nothing


def _store(*, name: str, days: int, user: User | None, client: Client | None, scopes: list[str]) -> str:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"A token lasts 1 to {LONGEST_DAYS} days.", code="invalid_days", field="days")
    value, _digest = new_token()
    token = Token(
        type=Token.Type.ACCESS_TOKEN, user=user, client=client, expires_at=timezone.now() + dt.timedelta(days=days)
    )
    token.set_value(value)
    token.set_scopes(scopes)
    token.save()
    ApiToken.objects.create(token=token, name=_checked_name(name), user=user)
    return value


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100 or has_control_characters(name):
        raise InvalidInput("A name is 1 to 100 characters on one line.", code="invalid_name", field="name")
    return name


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(scopes))
    if unknown := sorted(set(wanted) - set(SCOPES)):
        raise InvalidInput(
            f"There is no scope {', '.join(unknown)}. Known: {', '.join(SCOPES)}.", code="unknown_scope", field="scope"
        )
    return wanted


def _client_called(name: str) -> Client:
    """The client of this name; a new one can do nothing yet."""
    found: Client | None = Client.objects.filter(name=name).order_by("created_at").first()
    return found or Client.objects.create(name=name, secret=NO_SECRET, grant_types="", scopes="", response_types="")


@transaction.atomic
def create_client_token(*, name: str, scopes: list[str], days: int = 365) -> str:
    """A ready token for an integration. Raises InvalidInput for a scope that does not exist."""
    client = _client_called(_checked_name(name))
    return _store(name=name, days=days, user=None, client=client, scopes=_checked_scopes(scopes))


@transaction.atomic
def create_person_token(*, user: User, name: str, days: int = 365) -> str:
    """A ready token that acts for one human being, with what their roles allow at the moment of each call."""
    return _store(name=name, days=days, user=user, client=None, scopes=[])


@transaction.atomic
def create_client(*, name: str, scopes: list[str]) -> tuple[str, str]:
    """(id, secret) of a client that fetches its own tokens at /identity/o/api/token. Of a name that is there already
    the secret is replaced, and tokens it fetched before end.
    """
    client = _client_called(_checked_name(name))
    secret = secrets.token_urlsafe(32)
    wanted = "\n".join(_checked_scopes(scopes))
    client.set_secret(secret)
    client.grant_types = Client.GrantType.CLIENT_CREDENTIALS
    client.scopes = client.default_scopes = wanted
    client.save()
    _fetched_by(name).delete()
    return client.id, secret


def _fetched_by(client_name: str) -> QuerySet[Token]:
    return Token.objects.filter(client__name=client_name, api_token=None)


@transaction.atomic
def revoke(*, name: str) -> int:
    """End every live token of this name, and what the client of this name fetched or could fetch. Returns how many."""
    ended = ApiToken.objects.filter(name=name, revoked_at=None).update(revoked_at=timezone.now())
    ended += _fetched_by(name).count()
    _fetched_by(name).delete()
    return ended + Client.objects.filter(name=name).exclude(grant_types="").update(grant_types="", secret=NO_SECRET)


def person_of_hr(email: str) -> User:
    """The person of HR with this address. Raises NotFound, with how to appoint one."""
    user = User.objects.filter(email=email.strip().lower(), is_staff=True, is_active=True).first()
    if user is None:
        raise NotFound(f"Nobody of HR has the address {email}. Appoint them with: manage.py staff", code="no_person")
    return user


def user_of_member(email: str) -> User:
    """The user of the member with this address. Raises NotFound for who has not opted in."""
    user = User.objects.filter(email=email.strip().lower(), member__isnull=False, is_active=True).first()
    if user is None:
        raise NotFound(f"No member who opted in has the address {email}.", code="no_member")
    return user
