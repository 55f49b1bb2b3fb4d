"""What the API answers is what its document says: each row of the permission table that succeeds is looked at."""

import json
import re
from typing import Any

import jsonschema
import pytest
from django.core.cache import cache
from django.db import transaction

from backend import openapi
from backend.http.scopes import SCOPES
from tests.permissions_table import API, Row
from tests.permissions_world import Caller, make_things
from tests.test_permissions import path_of, stands_for

# Of who may: a program where a program may, else a person.
BY_WHOM = ("program", "admin", "alice")


@pytest.fixture
def things(alice: Any, author: Any, approver: Any) -> dict[str, Any]:
    return make_things(alice, author, approver)


def documented(row: Row, status: int, media_type: str) -> dict[str, Any] | None:
    """The schema of this answer, with what it refers to; None when there is to be no body."""
    document = json.loads(openapi.as_json())
    path = "/" + re.sub(r"<uuid:(\w+)>", r"{\1}", row.route)
    answers = document["paths"][path][row.method.lower()]["responses"]
    assert str(status) in answers, f"{row.method} {row.route}: {status} is not documented"
    answer = answers[str(status)]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    if "content" not in answer:
        return None
    assert media_type in answer["content"], f"{row.method} {row.route}: {media_type} is not documented"
    return {**answer["content"][media_type]["schema"], "components": document["components"]}


def difference(row: Row, answer: Any) -> str:
    body = answer.getvalue()  # also of one that is streamed
    media_type = answer["Content-Type"].split(";")[0] if body else ""
    schema = documented(row, answer.status_code, media_type)
    if schema is None or "json" not in media_type:
        return "" if (schema is None) == (not body) else f"{row.method} {row.route}: a body or none"
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    errors = jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(json.loads(body))
    return "\n".join(f"{row.method} {row.route}: {error.json_path} {error.message[:200]}" for error in errors)


def test_every_answer_fits_its_schema(things: dict[str, Any], alice: Any, administrator: Any) -> None:
    callers = {"program": Caller(scopes=list(SCOPES)), "admin": Caller(administrator), "alice": Caller(alice.user)}
    found = []
    for row in (row for row in API if row.route != "api/v1/schema/"):
        who = next((name for name in BY_WHOM if row.expected()[name] < 300), "alice")
        body = {name: stands_for(value, things) for name, value in row.body.items()}
        cache.clear()
        with transaction.atomic():
            answer = callers[who].call(row.method, path_of(row, things), body, form=row.form, program=True)
            found.append(difference(row, answer))
            transaction.set_rollback(True)
    assert not (wrong := "\n".join(filter(None, found))), wrong


def test_problems_fit_their_schema_too(things: dict[str, Any]) -> None:
    nobody, found = Caller(), []
    for row in (row for row in API if row.expected()["nobody"] == 401):
        body = {name: stands_for(value, things) for name, value in row.body.items()}
        answer = nobody.call(row.method, path_of(row, things), body, form=row.form, program=True)
        found.append(difference(row, answer))
    assert not (wrong := "\n".join(filter(None, found))), wrong
