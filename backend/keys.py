"""Secrets: from the environment, from a file that it names, or made once in the keys folder.

The keys folder must be backed up apart from the database: without `address_hmac` no suppression is recognised, without
`link_signing` no link in an old mail works.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


MAKERS: dict[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(64),
    "link_signing": lambda: secrets.token_urlsafe(48),
    "address_hmac": lambda: secrets.token_hex(32),
    "oidc_private_key": lambda: _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
    "ledger_signing": lambda: _pem(ed25519.Ed25519PrivateKey.generate()),
}


def secret(name: str, folder: Path) -> str:
    """The secret called `name`: `$NAME`, the contents of the file `$NAME_FILE`, or `folder/name`, made when missing.

    Made files have mode 0600; two processes that start at once agree on one value.
    """
    variable = name.upper()
    if value := os.environ.get(variable):
        return value
    if path := os.environ.get(f"{variable}_FILE"):
        return Path(path).read_text().strip()
    file = folder / name
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(MAKERS[name]())
        try:
            file.hardlink_to(mine)  # fails when another process was first
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return file.read_text().strip()
