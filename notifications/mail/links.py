"""Lasting links: tokens that end or lessen something, for as long as the key lives.

They are signed, not stored: over the member's uid and the purposes, with a salt and a key of their own that can rotate
(LINK_SIGNING_KEY, LINK_SIGNING_FALLBACKS). No address in them, so they outlive a change of address; no expiry, since
people unsubscribe from old mail. What gives something is never such a link (see alumni.accounts.secret_tokens).
"""

import base64
import binascii
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer

_SALT = "kring.mail.unsubscribe"


@dataclass(frozen=True)
class Link:
    """What a genuine token names. The member may be gone since."""

    member_uid: uuid.UUID
    purposes: tuple[str, ...]


def _signer() -> Signer:
    return Signer(key=settings.LINK_SIGNING_KEY, fallback_keys=settings.LINK_SIGNING_FALLBACKS, salt=_SALT, sep=".")


def unsubscribe_token(member_uid: uuid.UUID, purposes: Iterable[str]) -> str:
    """About 100 characters, the same each time: the uid, the purposes, the signature."""
    uid = base64.urlsafe_b64encode(member_uid.bytes).decode().rstrip("=")
    return _signer().sign("~".join([uid, *sorted(purposes)]))


def read(token: str) -> Link | None:
    """What the token names, or None when we did not sign it."""
    try:
        uid, *purposes = _signer().unsign(token).split("~")
        return Link(uuid.UUID(bytes=base64.urlsafe_b64decode(uid + "==")), tuple(purposes))
    except (BadSignature, ValueError, binascii.Error):
        return None


def unsubscribe_url(member_uid: uuid.UUID, purposes: Iterable[str]) -> str:
    """The page behind *Afmelden*, and the address of the one-click POST."""
    return f"{settings.BASE_URL}/u/{unsubscribe_token(member_uid, purposes)}"


def preferences_url(member_uid: uuid.UUID, purposes: Iterable[str]) -> str:
    """The same page, at the preferences."""
    return f"{unsubscribe_url(member_uid, purposes)}#preferences"
