"""Routing: what exists, and what answers where nothing does."""

from typing import Any

import pytest
from django.test import Client

UID = "0198c0de-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing/", f"/api/v1/nothing/{UID}/", "/api/", "/api/v2/members/", "/identity/o/authorize"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_path_for_programs_is_a_problem_document(db: None, client: Client, path: str, method: str) -> None:
    answer = getattr(client, method)(path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_missing_slash_is_said_and_not_redirected(db: None, client: Client) -> None:
    # A redirect would turn a POST into a GET and lose its body.
    english = {"accept-language": "en"}
    answer = client.post("/api/v1/members", {}, content_type="application/json", headers=english)
    assert answer.status_code == 404
    assert "slash" in answer.json()["detail"]


def test_an_unknown_page_is_a_page(organisation: Any, client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/email/",
        "/_allauth/app/v1/auth/signup",
        "/_allauth/app/v1/auth/login",
        "/_allauth/app/v1/auth/password/request",
        "/_allauth/app/v1/account/email",
        "/_allauth/app/v1/config",
        "/_allauth/browser/v1/auth/session",
        "/.well-known/openid-configuration",
        "/identity/o/api/clients",
        "/office/password_change/",
        "/office/alumni/user/1/password/",
    ],
)
def test_what_we_do_not_offer_of_allauth_is_not_there(organisation: Any, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "x@thuis.example"}, content_type="application/json").status_code == 404


def test_a_failure_of_ours_tells_nothing_of_the_inside(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend import openapi

    monkeypatch.setattr(openapi, "as_json", lambda: 1 / 0)
    client = Client(raise_request_exception=False)
    answer = client.get("/api/v1/schema/")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "server_error"
    assert b"division" not in answer.content


def test_a_failing_page_renders_without_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend import health

    def broken(*_: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(health, "JsonResponse", broken)
    answer = Client(raise_request_exception=False).get("/livez")
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith("text/html")
    assert b"secret detail" not in answer.content


def test_the_docs_page_asks_nobody_outside(db: None, client: Client) -> None:
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"http://" not in page.content
    assert b"https://" not in page.content
    assert b"<style" not in page.content  # the content security policy would refuse it
    assert client.get("/api/docs/?script=")["Content-Type"] == "application/javascript"


def test_the_schema_is_json_for_everybody(db: None, client: Client) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer.json()["openapi"] == "3.1.1"
    assert client.get("/api/v1/schema/", headers={"if-none-match": answer["ETag"]}).status_code == 304
