"""Liveness and readiness."""

from typing import Any

import pytest
from django.test import Client

from backend import health


def test_livez_asks_nothing_of_anybody(client: Client, django_assert_num_queries: Any) -> None:
    assert client.get("/livez").json() == {"status": "ok"}


def test_livez_needs_no_database(client: Client) -> None:
    # no `db` fixture: a query would raise
    assert client.get("/livez").status_code == 200


def test_readyz_names_what_is_there(db: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": "ok", "broker": "ok", "migrations": "ok"}}


def test_readyz_asks_the_disk_for_migrations_only_once(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    client.get("/readyz")
    monkeypatch.setattr(health, "MigrationExecutor", lambda *_: pytest.fail("read the disk again"))
    with django_assert_num_queries(1):  # SELECT 1
        assert client.get("/readyz").status_code == 200


def test_readyz_is_503_with_pending_migrations(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, "migrations", health._Migrations())
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: [("alumni", "0001")])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "ok", "broker": "ok", "migrations": "failed"}


def test_readyz_is_503_and_silent_on_details_without_a_broker(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(health.app.conf, "broker_write_url", "redis+socket:///nowhere/valkey.sock")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "failed"
    assert b"nowhere" not in answer.content


def test_health_is_not_redirected_to_https(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez").status_code == 200


def test_health_refuses_to_be_written_to(client: Client) -> None:
    assert client.post("/livez").status_code == 405
