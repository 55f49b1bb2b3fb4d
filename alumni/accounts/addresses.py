"""E-mail addresses: one way to compare them, one way to keep them without keeping them."""

import hashlib
import hmac
import unicodedata

from django.conf import settings


def email_key(email: str) -> str:
    """The form under which two spellings of one mailbox are the same: NFC, trimmed, lower case, IDNA domain.

    Dots and plus tags stay: whether they matter is the mailbox provider's to say.
    """
    local, _at, domain = unicodedata.normalize("NFC", email).strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if domain and not domain.isascii() else domain
    except UnicodeError:
        pass
    return f"{local.lower()}@{domain.lower()}"


def _hmac(key_hex: str, email: str) -> str:
    return hmac.new(bytes.fromhex(key_hex), email_key(email).encode(), hashlib.sha256).hexdigest()


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
