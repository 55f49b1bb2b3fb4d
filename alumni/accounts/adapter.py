"""What of allauth is ours: no sign-up, mails with a kind, our scopes."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.http import HttpRequest

from backend.http.scopes import SCOPES


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: people join through `alumni.joining`, with consent."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class OIDCAdapter(DefaultOIDCAdapter):
    """The scopes of the API, in words."""

    scope_display = dict(SCOPES)

    def get_claims(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_claims(*args, **kwargs)
