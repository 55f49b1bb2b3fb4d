"""Whatever is sent: a clear answer, never a 500."""

import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st


def codes(answer: Any) -> list[tuple[str, str]]:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return [(error["field"], error["code"]) for error in answer.json().get("errors", [])]


def test_a_good_body_is_understood(post: Any) -> None:
    body = {
        "name": " Käthe ",
        "text": "one\ntwo",
        "tags": ["a"],
        "number": 3,
        "made_at": "2026-11-21T20:00:00+01:00",
        "rate": {"min": "80", "max": 95.5, "currency": "EUR", "unit": "hour"},
    }
    answer = post(body)
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "Käthe",
        "text": "one\ntwo",
        "tags": ["a"],
        "number": 3,
        "made_at": "2026-11-21T19:00:00Z",
        "rate": {"min": "80.00", "max": "95.50", "currency": "EUR", "unit": "hour"},
    }


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b" ", "not_json"),
        (b"{", "not_json"),
        (b"{'name': 1}", "not_json"),
        (b'{"name": NaN}', "not_json"),
        (b'{"number": 1e999}', "not_json"),
        (b'{"name": "\xff"}', "not_json"),
        (b'{"name": "\\ud800"}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[" * 900 + b"]" * 900, "not_an_object"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"null", "not_an_object"),
        (b"7", "not_an_object"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "too_deep"),
        (b'{"name": "a\\u0000b"}', "null_character"),
        (b'{"tags": ["x", "a\\u0000b"]}', "null_character"),
        (b'{"a\\u0000b": 1}', "null_character"),
    ],
)
def test_what_is_no_json_object_is_said_to_be_none(post: Any, body: bytes, code: str) -> None:
    answer = post(body)
    assert answer.status_code == 400
    assert [found for _field, found in codes(answer)] == [code]


def test_a_problem_names_the_place(post: Any) -> None:
    assert codes(post(b'{"tags": ["x", "a\\u0000b"]}')) == [("tags.1", "null_character")]
    answer = post({"name": "x", "rate": {"min": "9", "max": "8", "unit": "hour"}})
    assert codes(answer) == [("rate.max", "order")]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"nickname": "x"}, ("nickname", "unknown_field")),
        ({"id": "x"}, ("id", "read_only")),
        ({"name": "a\r\nBcc: everybody@thuis.example"}, ("name", "control_character")),
        ({"name": "a\x1b[31m"}, ("name", "control_character")),
        ({"name": "a\u2028b"}, ("name", "control_character")),
        ({"tags": ["fine", "a\nb"]}, ("tags", "control_character")),
        ({"text": "a\x08b"}, ("text", "control_character")),
        ({"name": "x" * 51}, ("name", "max_length")),
        ({"name": ["x"]}, ("name", "invalid")),
        ({"number": 10**30}, ("number", "invalid")),
        ({"number": "9" * 5000}, ("number", "max_string_length")),
        ({"rate": "cheap"}, ("rate", "invalid")),
        ({"rate": {"min": "1e400", "max": "2", "unit": "hour"}}, ("rate.min", "max_digits")),
        ({"rate": {"min": "NaN", "max": "2", "unit": "hour"}}, ("rate.min", "invalid")),
        ({"made_at": "31-02-2026"}, ("made_at", "invalid")),
    ],
)
def test_a_field_that_needs_mending_is_named(post: Any, more: dict[str, Any], problem: tuple[str, str]) -> None:
    answer = post({"name": "x", **more})
    assert answer.status_code == 400
    assert codes(answer) == [problem]
    assert answer.json()["errors"][0]["message"]


def test_several_problems_are_told_at_once(post: Any) -> None:
    answer = post({"nickname": "x", "name": "a\nb"})
    assert sorted(codes(answer)) == [("name", "control_character"), ("nickname", "unknown_field")]


def test_a_body_that_is_too_large_is_413(post: Any) -> None:
    answer = post(json.dumps({"name": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE}))
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"]
)
def test_another_media_type_is_415(post: Any, content_type: str) -> None:
    answer = post(b"name=x", content_type=content_type)
    assert answer.status_code == 415
    assert answer["Content-Type"] == "application/problem+json"


def test_another_method_is_405_and_says_which_there_are(post: Any, client: Any) -> None:
    for method in ("put", "patch", "delete", "options", "trace"):
        answer = getattr(client, method)("/api/v1/echo/")
        assert answer.status_code == 405, method
        assert answer["Allow"].split(", ")[0] == "POST"
        assert answer["Content-Type"] == "application/problem+json"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["name", "text", "tags", "number", "rate", "made_at"])


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(body=st.dictionaries(fields | st.text(), anything))
def test_nothing_that_is_json_breaks_it(post: Any, body: dict[str, Any]) -> None:
    answer = post(json.dumps(body))
    assert answer.status_code in {200, 400}
    json.loads(answer.content)
