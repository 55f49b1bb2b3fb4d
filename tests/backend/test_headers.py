"""Every answer, errors too, carries the headers that protect who reads it."""

from typing import Any

import pytest
from django.test import Client

PATHS = [
    ("/livez", 200),
    ("/accounts/login/", 200),
    ("/nothing/", 404),
    ("/account/", 302),
    ("/api/v1/members/", 401),
    ("/api/v1/nothing/", 404),
    ("/api/v1/schema/", 200),
    ("/api/docs/", 200),
    ("/_allauth/app/v1/auth/session", 401),
    ("/identity/o/api/token", 405),
    ("/office/", 302),
    ("/u/forged", None),
]


@pytest.mark.parametrize(("path", "status"), PATHS)
def test_every_answer_is_protected(organisation: Any, client: Client, path: str, status: int | None) -> None:
    answer = client.get(path)
    assert status is None or answer.status_code == status
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Cache-Control" in answer


def test_only_the_back_office_runs_what_stands_in_its_pages(author: Any, browser_of: Any, client: Client) -> None:
    office = browser_of(author).get("/office/")
    assert office.status_code == 200
    assert "'unsafe-eval'" in office["Content-Security-Policy"]
    for path in ("/accounts/login/", "/api/docs/", "/nothing/"):
        assert "unsafe" not in client.get(path)["Content-Security-Policy"]


def test_a_failure_of_ours_is_protected_too(organisation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend import health

    monkeypatch.setattr(health, "JsonResponse", lambda *_a, **_k: 1 / 0)
    answer = Client(raise_request_exception=False).get("/livez")
    assert answer.status_code == 500
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_host_that_is_not_ours_is_refused(db: None) -> None:
    for path in ("/accounts/login/", "/api/v1/members/"):
        assert Client().get(path, headers={"host": "evil.example"}).status_code == 400


def test_over_https_browsers_are_told_to_stay_there(organisation: Any, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    moved = client.get("/accounts/login/")
    assert (moved.status_code, moved["Location"]) == (301, "https://testserver/accounts/login/")
    assert "Strict-Transport-Security" in client.get("/accounts/login/", secure=True)


def test_cookies_are_not_for_scripts(bob: Any, client: Client) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"email": "bob@thuis.example"})
    assert len(client.cookies) == 2
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
