"""How often. Rates are in the settings; counters in the shared cache. 429 carries Retry-After."""

import hashlib
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

log = structlog.get_logger(__name__)


def client_address(request: HttpRequest | Request) -> str:
    """The address of who calls, which limits count by.

    `X-Forwarded-For` is believed only for as many proxies as stand in front (TRUSTED_PROXIES), counted from the right:
    what stands further left was written by the caller.
    """
    proxies = settings.TRUSTED_PROXIES
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and forwarded:
        return forwarded[-min(proxies, len(forwarded))]
    return request.META.get("REMOTE_ADDR") or "unknown"


class CallerRateThrottle(SimpleRateThrottle):
    """Per token, else per user, else per address of the client."""

    scope = "caller"

    def get_ident(self, request: Request) -> str:
        return client_address(request)

    def get_cache_key(self, request: Request, view: Any) -> str:
        who = getattr(request.auth, "key", None) or getattr(request.user, "pk", None) or self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": hashlib.sha256(str(who).encode()).hexdigest()}

    def allow_request(self, request: Request, view: Any) -> bool:
        """A cache that is away lets everybody through: limits protect the service, they must not stop it."""
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError) as error:
            log.warning("throttle_cache_away", error=type(error).__name__)
            return True


class ScopedCallerThrottle(CallerRateThrottle):
    """A stricter rate for one endpoint: subclass with a `scope` of DEFAULT_THROTTLE_RATES."""
