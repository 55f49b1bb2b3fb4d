"""A real SMTP server behind the door."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.smtp_server import LyingServer


@pytest.fixture
def server(settings: Any) -> Iterator[LyingServer]:
    """A mail server on the loopback; the settings point at it."""
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_TIMEOUT = "127.0.0.1", server.port, 20
        yield server
