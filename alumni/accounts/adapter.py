"""What of allauth is ours: no sign-up, mails with a kind, no numbers of rows, our scopes."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alumni.accounts import login_code
from backend.http.scopes import SCOPES
from backend.http.throttling import client_address

WRONG_CODE = _("This code is wrong or has expired. Ask for a new one.")
TOO_OFTEN = _("You asked this too often. Try again in a minute.")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: people join through `alumni.joining`, with consent."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The only two mails of allauth that a route of ours leads to."""
        if template_prefix == "account/email/login_code":
            login_code.send(email=email, code=context["code"], minutes=app_settings.LOGIN_BY_CODE_TIMEOUT // 60)
        elif template_prefix == "account/email/unknown_account":
            login_code.send_to_nobody(email=email, minutes=app_settings.LOGIN_BY_CODE_TIMEOUT // 60)
        else:
            raise ValueError(f"{template_prefix} has no kind of service mail")

    def add_message(self, *_args: Any, **_kwargs: Any) -> None:
        """Our pages say it themselves; a message nobody read would turn up in the back office later."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if getattr(request.user, "is_staff", False):
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)


class HeadlessAdapter(DefaultHeadlessAdapter):
    """What a program is told about who logged in, and where the pages are."""

    def serialize_user(self, user: Any) -> dict[str, Any]:
        return {"id": str(user.uid), "display": str(user), "email": user.email}

    def get_frontend_url(self, urlname: str, **kwargs: Any) -> str | None:
        """allauth asks only for the sign-up page, to name it in a mail that we do not send."""
        return "/"


class OIDCAdapter(DefaultOIDCAdapter):
    """The scopes of the API, in words."""

    scope_display = dict(SCOPES)
