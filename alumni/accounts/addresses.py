"""E-mail addresses: one way to compare them, one way to keep them without keeping them."""

import contextlib
import hmac
import re
import unicodedata
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

from backend.http.errors import InvalidInput

MAX_LENGTH = 254
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_-]+(?:[.+][A-Za-z0-9_-]+)*", re.ASCII)


@lru_cache(maxsize=4096)
def email_key(email: str) -> str:
    """The form under which two spellings of one mailbox are the same: NFC, trimmed, lower case, IDNA domain.

    Dots and plus tags stay: whether they matter is the mailbox provider's to say.
    """
    local, _at, domain = unicodedata.normalize("NFC", email).strip().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode() if domain and not domain.isascii() else domain
    return f"{local.lower()}@{domain.lower()}"


def checked(email: str, *, field: str = "email") -> str:
    """The address, trimmed, as mail can be sent to it (IDNA domain; no look-up). Raises InvalidInput `email`.

    Letters outside ASCII before the @ are refused: few mail servers take them.
    """
    email = email.strip()
    local, _at, domain = email.rpartition("@")
    try:
        if _PLAIN_LOCAL.fullmatch(local):  # nearly all are: a file of a hundred thousand has few domains
            found = f"{local}@{_checked_domain(domain)}"
        else:
            found = validate_email(email, check_deliverability=False, allow_smtputf8=False).ascii_email or ""
    except EmailNotValidError:
        found = ""
    if not found or len(found) > MAX_LENGTH or len(found.rpartition("@")[0]) > 64:
        raise InvalidInput(
            _("This is not a complete e-mail address. For example: name@company.com"), code="email", field=field
        )
    return found


@lru_cache(maxsize=4096)
def _checked_domain(domain: str) -> str:
    return validate_email(f"a@{domain}", check_deliverability=False, allow_smtputf8=False).ascii_domain or ""


def _hmac(key_hex: str, email: str) -> str:
    return hmac.digest(bytes.fromhex(key_hex), email_key(email).encode(), "sha256").hex()


def keyed_hash(email: str) -> tuple[str, str]:
    """(HMAC-SHA-256 hex, key id) of an address under the newest key. Plain hashes of addresses can be guessed."""
    key_id, key = next(iter(settings.ADDRESS_HMAC_KEYS.items()))
    return _hmac(key, email), key_id


def keyed_hashes(email: str) -> list[tuple[str, str]]:
    """The same under every live key: what to look for, so that keys can rotate."""
    return [(_hmac(key, email), key_id) for key_id, key in settings.ADDRESS_HMAC_KEYS.items()]


def masked(email: str) -> str:
    """n•••@noorbakker.example: enough for its owner to know it, too little for others to use it."""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}•••@{domain}"
