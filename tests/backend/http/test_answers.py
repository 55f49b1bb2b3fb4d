"""Problems, tokens, scopes and limits, as a caller sees them."""

from typing import Any

import pytest
from django.test import Client

from alumni.accounts.models import User


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("invalid/", 400, "odd"),
        ("not-allowed/", 403, "not_you"),
        ("missing/", 404, "no_such"),
        ("conflict/", 409, "done_before"),
        ("gone/", 410, "over"),
        ("lost/", 412, "changed_meanwhile"),
        ("too-big-a-number/", 400, "out_of_range"),
        ("bug/", 500, "server_error"),
        ("nowhere/", 404, "not_found"),
    ],
)
def test_every_error_is_a_problem_document(get: Any, path: str, status: int, code: str) -> None:
    answer = get(path, accept="text/html")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:kring:problem:{code}"
    assert body["title"] and body["detail"]


def test_invalid_input_says_which_field(get: Any) -> None:
    assert get("invalid/").json()["errors"] == [{"field": "a.b", "code": "odd", "message": "No."}]


def test_a_bug_of_ours_tells_nothing_of_the_inside(get: Any) -> None:
    assert b"the inside" not in get("bug/").content


def test_an_error_of_a_view_that_answers_in_html_is_json_too(get: Any) -> None:
    answer = get("page/", accept="text/html")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "over"


def test_problems_come_in_the_language_that_is_asked_for(get: Any) -> None:
    dutch = get("scoped/", accept_language="nl").json()
    english = get("scoped/", accept_language="en").json()
    assert dutch["code"] == english["code"] == "not_authenticated"


# --- who is calling


@pytest.mark.parametrize("path", ["scoped/", "people/", "members-only/", "forgotten/"])
def test_without_a_token_it_is_401_with_a_challenge(get: Any, path: str) -> None:
    answer = get(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Bearer", "Bearer ", "Bearer é", "Basic eDp5", "Token x", "nonsense", "Bearer a b"]
)
@pytest.mark.parametrize("path", ["scoped/", "users/"])
def test_a_wrong_token_is_401_also_where_anybody_may_read(get: Any, header: str, path: str) -> None:
    answer = get(path, authorization=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_session_token_is_401(get: Any) -> None:
    for value in ("x" * 32, "", "é"):
        assert get("users/", x_session_token=value).status_code == 401


def test_scopes_are_asked_for_reading_and_writing_apart(api_of: Any) -> None:
    reader, writer, other = (api_of(scopes=[scope]) for scope in ("posts:read", "posts:write", "drafts:read"))
    assert reader.get("/scoped/").status_code == 200
    refused = reader.post("/scoped/")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert "posts:write" in refused.json()["detail"]
    assert "WWW-Authenticate" not in refused
    assert writer.post("/scoped/").status_code == 200
    assert other.get("/scoped/").status_code == 403


def test_what_a_person_must_do_no_program_does(api_of: Any, author: User) -> None:
    from backend.http.scopes import SCOPES

    refused = api_of(scopes=list(SCOPES)).post("/people/")
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")
    assert api_of(author).post("/people/").status_code == 200


def test_what_is_a_members_own_nobody_else_gets(api_of: Any, author: User, bob: Any) -> None:
    assert api_of(author).get("/members-only/").json()["code"] == "member_required"
    assert api_of(scopes=["members:read"]).get("/members-only/").status_code == 403
    assert api_of(bob).get("/members-only/").status_code == 200


def test_an_endpoint_that_forgot_to_say_who_may_is_closed(api_of: Any, administrator: User) -> None:
    assert api_of(administrator).get("/forgotten/").status_code == 403


def test_the_browser_of_the_back_office_calls_too_with_its_csrf_token(author: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/scoped/").status_code == 200
    refused = browser.post("/api/v1/scoped/", {}, content_type="application/json")
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"


def test_a_session_of_who_was_switched_off_opens_nothing(author: User) -> None:
    browser = Client()
    browser.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    User.objects.filter(pk=author.pk).update(is_active=False)
    assert browser.get("/api/v1/scoped/").status_code == 401


# --- how often


def test_too_often_is_429_and_says_how_long_to_wait(get: Any) -> None:
    statuses = [get("limited/").status_code for _ in range(5)]
    answer = get("limited/")
    assert statuses == [200] * 5
    assert answer.status_code == 429
    assert answer.json()["code"] == "throttled"
    assert 1 <= int(answer["Retry-After"]) <= 3601


def test_a_forged_forwarded_address_is_not_believed(get: Any) -> None:
    statuses = [get("limited/", x_forwarded_for=f"10.0.0.{n}").status_code for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2


def test_behind_one_proxy_the_address_that_it_saw_counts(get: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    statuses = [get("limited/", x_forwarded_for=f"10.0.0.{n}, 192.0.2.1").status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]
    assert get("limited/", x_forwarded_for="192.0.2.1, 192.0.2.2").status_code == 200


def test_each_caller_has_a_limit_of_their_own(get: Any, api_of: Any, author: User, approver: User) -> None:
    for _ in range(6):
        get("limited/")
        api_of(author).get("/limited/")
    assert api_of(author).get("/limited/").status_code == 429
    assert api_of(approver).get("/limited/").status_code == 200


def test_a_cache_that_is_away_stops_nobody(get: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from redis.exceptions import ConnectionError as CacheAway

    from tests.backend.http.views import Few

    def away(*_: Any) -> Any:
        raise CacheAway

    monkeypatch.setattr(Few, "cache", type("Away", (), {"get": away, "set": away})())
    assert get("limited/").status_code == 200
