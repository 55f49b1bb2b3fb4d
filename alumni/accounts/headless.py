"""allauth's headless login by code for apps (`X-Session-Token`): of its thirty endpoints the three that we offer."""

import json
from typing import Any

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.constants import Client
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import View

from alumni.accounts import login_code
from backend.http import problems

MAX_BODY_BYTES = 10_000


def _is_strangers(request: HttpRequest) -> bool:
    pending = request.session.get(LOGIN_SESSION_KEY)
    return isinstance(pending, dict) and pending.get("user_pk") is None


class _Careful(View):
    """A body that is no JSON object gets a problem document; allauth answers with an empty page, or not at all. And a
    login that nobody can finish costs what any other does."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (request.method or "").lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)
        was_strangers = _is_strangers(request)
        answer = super().dispatch(request, *args, **kwargs)
        if was_strangers or _is_strangers(request):
            login_code.look_up_nobody()
        return answer

    def _parse_json(self, request: HttpRequest) -> dict[str, Any] | None:
        if request.method == "GET" or not request.body:
            return None
        try:
            if len(request.body) > MAX_BODY_BYTES:
                raise ValueError("too large")
            data = json.loads(request.body.decode())
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            detail = _('Send a JSON object, for example {"email": "name@company.com"}.')
            raise ImmediateHttpResponse(problems.plain(400, code="invalid", detail=detail))
        return data


class RequestCode(_Careful, views.RequestLoginCodeView):
    """POST {"email"}: mails a code. 401 with a session token is the normal answer: the code is still to come."""

    http_method_names = ["post"]


class ConfirmCode(_Careful, views.ConfirmLoginCodeView):
    """POST {"code"} with the session token of the request: 200 and a new session token."""

    http_method_names = ["post"]


class Session(_Careful, views.SessionView):
    """GET: who am I. DELETE: log out."""

    http_method_names = ["get", "delete"]


request_code = RequestCode.as_api_view(client=Client.APP)
confirm_code = ConfirmCode.as_api_view(client=Client.APP)
session = Session.as_api_view(client=Client.APP)
