"""Random tokens that give something: shown once, kept as their SHA-256."""

import hashlib
import secrets


def new_token() -> tuple[str, str]:
    """(the token, its SHA-256). 256 random bits, URL-safe."""
    token = secrets.token_urlsafe(32)
    return token, sha256(token)


def sha256(token: str) -> str:
    """What is stored of a token. A plain hash does: the token has more entropy than can be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
