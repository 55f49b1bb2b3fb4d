"""Headers that every answer carries."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

# The back office's components evaluate expressions in attributes and set styles inline; its text is ours or escaped.
OFFICE_POLICY = {"script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE]}


class HeadersMiddleware:
    """A looser content security policy for the back office only, and no shared cache for what is personal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/office/"):
            response._csp_replace = OFFICE_POLICY  # type: ignore[attr-defined]  # read by csp.middleware
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
