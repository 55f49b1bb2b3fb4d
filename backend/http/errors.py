"""What can be wrong, as the rooms say it: one small tree that imports nothing.

`problems.py` turns these into RFC 9457 documents; pages and commands show `str(error)`. Each sentence says what is
wrong and how to mend it, in the language that is active when it is raised.
"""


class KringError(Exception):
    """Something that the caller can mend. `code` is stable and machine-readable; `field` names the input at fault."""

    def __init__(self, message: str, *, code: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class InvalidInput(KringError):
    """The input breaks a rule (400). Several at once: `errors` is [(field, code, message)]."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid",
        field: str | None = None,
        errors: list[tuple[str, str, str]] | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field)
        self.errors = errors if errors is not None else [(field or "", code, message)]


class NotAllowed(KringError):
    """Known and understood, but not for this caller (403)."""


class NotFound(KringError):
    """It does not exist, or the caller may not know of it (404)."""


class Conflict(KringError):
    """The state of the thing forbids it (409)."""


class Gone(KringError):
    """It was there once and will not come back: an expired or used link, a closed post (410)."""


class LostUpdate(KringError):
    """Somebody changed it in the meantime (412)."""
