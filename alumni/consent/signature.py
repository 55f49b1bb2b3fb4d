"""Ed25519 signatures over canonical JSON, as detached JWS (RFC 7515 appendix F, RFC 8037)."""

import base64
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from alumni.consent.canonical import canonical


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key() -> Ed25519PrivateKey:
    from django.conf import settings  # here, so that who only verifies needs no Django

    key = serialization.load_pem_private_key(settings.LEDGER_SIGNING_KEY.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("LEDGER_SIGNING_KEY is no Ed25519 key")
    return key


def public_key() -> str:
    """The public half of the ledger's key: 32 bytes, base64url. Not secret; a verifier keeps it."""
    return _b64(_key().public_key().public_bytes_raw())


def key_id(public: str) -> str:
    """The `kid` of a public key: the beginning of its digest."""
    return hashlib.sha256(_unb64(public)).hexdigest()[:16]


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a `signature` {alg, kid, jws} over all the rest of it."""
    key = _key()
    kid = key_id(_b64(key.public_key().public_bytes_raw()))
    header = _b64(json.dumps({"alg": "EdDSA", "kid": kid}, separators=(",", ":")).encode())
    payload = _b64(canonical({name: value for name, value in document.items() if name != "signature"}))
    jws = f"{header}..{_b64(key.sign(f'{header}.{payload}'.encode()))}"
    return {**document, "signature": {"alg": "EdDSA", "kid": kid, "jws": jws}}


def is_genuine(document: dict[str, Any], public: str) -> bool:
    """Whether the document's `signature` was made by the key over exactly this document."""
    try:
        header, nothing, signature = document["signature"]["jws"].split(".")
        if nothing or json.loads(_unb64(header))["alg"] != "EdDSA":
            return False
        payload = _b64(canonical({name: value for name, value in document.items() if name != "signature"}))
        key = Ed25519PublicKey.from_public_bytes(_unb64(public))
        key.verify(_unb64(signature), f"{header}.{payload}".encode())
    except (InvalidSignature, KeyError, TypeError, ValueError, AttributeError):
        return False
    return True
