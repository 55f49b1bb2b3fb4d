"""Log lines hold no tokens and no addresses."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from alumni.members.models import Member
from backend.logs import scrubbed
from notifications.mail import links

TOKEN = "Zk3vQ1yN8sW0aXbT5rEo7uIpLmJh2gFd4cVnB6xK9qM"


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (f"POST /u/{TOKEN}", "POST /u/***"),
        (f"GET /join/{TOKEN}/?language=en", "GET /join/***/?language=en"),
        (f"https://n.example/invited/{TOKEN}/", "https://n.example/invited/***/"),
        (f"GET /accounts/login/?next=%2Fu%2F{TOKEN}", "GET /accounts/login/?next=%2Fu%2F***"),
        ("POST /api/v1/join/confirm/", "POST /api/v1/join/confirm/"),
        ("GET /mailbox/?to=eva%40elders.example&before=3", "GET /mailbox/?to=***&before=3"),
        ("GET /office/alumni/member/?q=Noor+Bakker&o=1", "GET /office/alumni/member/?q=***&o=1"),
        ("GET /office/?_changelist_filters=q%3DO'Brien%26o%3D1", "GET /office/?_changelist_filters=q%3D***%26o%3D1"),
        ("GET /api/v1/members/?kind=alumnus&cursor=eyJCYWtrZXIi:1a", "GET /api/v1/members/?kind=alumnus&cursor=***"),
        ("GET /accounts/login/?next=%2Foffice%2F%3Fq%3DNoor", "GET /accounts/login/?next=%2Foffice%2F%3Fq%3D***"),
        ("Invalid address <Eva.Elders+x@elders.example>, sorry", "Invalid address <***>, sorry"),
        ({"a": [f"/u/{TOKEN}"]}, {"a": ["/u/***"]}),
        (42, 42),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(said: Any, logged: Any) -> None:
    assert scrubbed(said) == logged


@pytest.fixture
def written() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the root logger's own formatter makes of each line, as JSON."""
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(ours[0].formatter)
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)


def test_a_request_is_logged_without_its_token_and_its_address(
    alice: Member, written: Callable[[], list[dict[str, Any]]]
) -> None:
    token = links.unsubscribe_token(alice.uid, ["gigs"])
    Client().post(f"/u/{token}", {"List-Unsubscribe": "One-Click"}, REMOTE_ADDR="203.0.113.7")
    Client().get(f"/u/{token}x")
    lines = written()
    assert "POST /u/***" in [line.get("request") for line in lines]
    everything = json.dumps(lines)
    assert token not in everything and token[:30] not in everything
    assert "203.0.113.7" not in everything and alice.email not in everything


def test_a_traceback_is_masked_too(written: Callable[[], list[dict[str, Any]]]) -> None:
    for logger in (structlog.get_logger("kring.test"), logging.getLogger("kring.test.plain")):
        try:
            raise ValueError(f"cannot mail eva@elders.example about /u/{TOKEN}")
        except ValueError:
            logger.exception("failed for eva@elders.example")
    lines = written()
    assert len(lines) == 2 and all("Traceback" in line["exception"] for line in lines)
    assert "eva@" not in json.dumps(lines) and TOKEN not in json.dumps(lines)
