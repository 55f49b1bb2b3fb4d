"""How often one may sign up: per source, and per address, so that nobody's mailbox is flooded through us."""

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from alumni.accounts.secret_tokens import sha256
from backend.http.throttling import CallerRateThrottle


class JoinThrottle(CallerRateThrottle):
    """Sign-ups per source."""

    scope = "join"


class _PerAddress(CallerRateThrottle):
    scope = "join_address"

    def __init__(self, email: str) -> None:
        super().__init__()
        self.email = email

    def get_cache_key(self, request: Request, view: object) -> str:
        return SimpleRateThrottle.cache_format % {"scope": self.scope, "ident": sha256(self.email.lower())}


def is_allowed(request: HttpRequest, email: str) -> bool:
    """Counts one sign-up by the page. The API counts per source by its throttle class and per address by this too."""
    wrapped = Request(request)
    return JoinThrottle().allow_request(wrapped, None) and address_is_allowed(wrapped, email)


def address_is_allowed(request: Request, email: str) -> bool:
    """Counts one sign-up for this address, whoever sends it and whether or not it is known."""
    return _PerAddress(email).allow_request(request, None)
