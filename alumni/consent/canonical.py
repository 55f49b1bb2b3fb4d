"""Canonical JSON and its digest: what every hash of the ledger is taken over.

Standard library only, so that a verifier outside needs nothing of ours.
"""

import hashlib
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value made of objects with ASCII names, lists, strings, booleans, null and whole numbers.

    For those sorted names, no spaces and UTF-8 suffice; a fraction has no place in the ledger. Raises ValueError for
    text that is no valid Unicode (a lone surrogate).
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
