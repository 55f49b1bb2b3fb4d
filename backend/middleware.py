"""Headers that every answer carries."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

# The back office's components evaluate expressions in attributes and set styles inline; its text is ours or escaped.
OFFICE_POLICY = {"script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}

FORM_METHODS = ("GET", "HEAD", "POST")


class HeadersMiddleware:
    """A looser content security policy for the back office only, and no shared cache for what is personal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_office = request.path.startswith("/office/")
        if is_office and request.method not in FORM_METHODS:
            # Django's admin takes any other for a GET.
            return HttpResponseNotAllowed(FORM_METHODS)
        response = self.get_response(request)
        if is_office:
            response._csp_replace = OFFICE_POLICY  # type: ignore[attr-defined]  # read by csp.middleware
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
