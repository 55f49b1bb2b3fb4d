"""How often. Rates are in the settings; counters in the shared cache. 429 carries Retry-After."""

import hashlib
from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class CallerRateThrottle(SimpleRateThrottle):
    """Per token, else per user, else per address of the client."""

    scope = "caller"

    def get_cache_key(self, request: Request, view: Any) -> str:
        who = getattr(request.auth, "key", None) or getattr(request.user, "pk", None) or self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": hashlib.sha256(str(who).encode()).hexdigest()}


class ScopedCallerThrottle(CallerRateThrottle):
    """A stricter rate for one endpoint: subclass with a `scope` of DEFAULT_THROTTLE_RATES."""
