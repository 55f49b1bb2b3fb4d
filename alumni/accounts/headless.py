"""allauth's headless login by code for apps (`X-Session-Token`): of its thirty endpoints the three that we offer."""

import json
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.account import views
from allauth.headless.constants import Client
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backend.http import problems

MAX_BODY_BYTES = 10_000


class _CarefulInput:
    """A body that is no JSON object gets a problem document; allauth answers with an empty page, or not at all."""

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


class RequestCode(_CarefulInput, views.RequestLoginCodeView):
    """POST {"email"}: mails a code. 401 with a session token is the normal answer: the code is still to come."""

    http_method_names = ["post"]


class ConfirmCode(_CarefulInput, views.ConfirmLoginCodeView):
    """POST {"code"} with the session token of the request: 200 and a new session token."""

    http_method_names = ["post"]


class Session(_CarefulInput, views.SessionView):
    """GET: who am I. DELETE: log out."""

    http_method_names = ["get", "delete"]


request_code = RequestCode.as_api_view(client=Client.APP)
confirm_code = ConfirmCode.as_api_view(client=Client.APP)
session = Session.as_api_view(client=Client.APP)
