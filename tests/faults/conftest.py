"""Real servers for the tests that start real processes."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import valkey


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real Valkey on a socket of its own, as a BROKER_URL (database 0). As a cache: see `cache_url_of`."""
    with tempfile.TemporaryDirectory(prefix="kring-") as folder, valkey(Path(folder)) as socket:
        yield f"redis+socket://{socket}"


def cache_url_of(valkey_url: str) -> str:
    """The CACHE_URL (database 1) of the same Valkey."""
    return valkey_url.replace("redis+socket://", "unix://") + "?db=1"
