"""The API's document: complete, valid, true, and committed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from backend import openapi

# What this version offers; nothing else stands in the document.
OFFERED = {
    "/api/v1/digests/": ["", "{uid}/"],
    "/api/v1/drafts/": ["", "{uid}/", "{uid}/posted/"],
    "/api/v1/editions/": ["", "{uid}/"],
    "/api/v1/gigs/": ["", "{uid}/"],
    "/api/v1/imports/": ["", "{uid}/", "{uid}/apply/", "{uid}/errors.csv"],
    "/api/v1/join/": ["", "confirm/"],
    "/api/v1/me/": ["", "consents/", "digests/", "freelance/", "preferences/", "skills/"],
    "/api/v1/members/": ["", "{uid}/", "{uid}/invite/"],
    "/api/v1/posts/": [
        "",
        "{uid}/",
        "{uid}/approve/",
        "{uid}/audience/",
        "{uid}/close/",
        "{uid}/publish/",
        "{uid}/submit/",
    ],
    "/api/v1/runs/": ["", "{uid}/"],
    "/api/v1/updates/": ["", "{uid}/"],
    "/api/v1/vacancies/": ["", "{uid}/"],
    "/identity/o/api/token": [""],
    "/_allauth/app/v1/auth/": ["code/request", "code/confirm", "session"],
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in openapi.document()["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def test_it_is_valid_openapi_3_1() -> None:
    document = json.loads(openapi.as_json())
    assert document["openapi"] == "3.1.1"
    validate_schema(document)


def test_its_schemas_and_references_hold() -> None:
    document = json.loads(openapi.as_json())
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert "nullable" not in json.dumps(schema), name
    for part in parts(document):
        if isinstance(reference := part.get("$ref"), str):
            kind, name = reference.removeprefix("#/components/").split("/")
            assert name in document["components"][kind]


def test_it_was_made_without_a_guess() -> None:
    GENERATOR_STATS.reset()
    openapi.document.__wrapped__()
    assert not GENERATOR_STATS, list(GENERATOR_STATS._warn_cache) + list(GENERATOR_STATS._error_cache)


def test_it_lists_what_is_offered_and_nothing_else() -> None:
    offered = {start + rest for start, ends in OFFERED.items() for rest in ends}
    assert set(openapi.document()["paths"]) == offered


def test_the_committed_file_is_what_the_code_says(tmp_path: Any, settings: Any) -> None:
    call_command("openapi", "--check")
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match=r"manage\.py openapi"):
        call_command("openapi", "--check")
    call_command("openapi")
    call_command("openapi", "--check")


def test_every_operation_says_who_may_and_what_can_go_wrong() -> None:
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert "security" in operation, where
        assert operation.get("description") or operation.get("summary"), where
        if not path.startswith("/api/"):
            continue
        expected = {"401", "429"}
        if "{" in path:
            expected.add("404")
        if method in {"post", "put", "patch"}:
            expected |= {"400", "413", "415"}
        assert expected <= set(operation["responses"]), where
        assert any(code.startswith("2") for code in operation["responses"]), where


def test_operation_ids_are_unique_and_stable() -> None:
    ids = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_]+", name) for name in ids), ids


def test_every_body_has_an_example() -> None:
    missing = []
    for path, method, operation in operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if not ({"example", "examples"} & set(content)):
                missing.append(f"{method} {path}")
    assert not missing, "\n".join(missing)


def test_every_example_fits_its_schema() -> None:
    document = json.loads(openapi.as_json())
    wrong = []
    for part in parts(document["paths"]):
        for content in part.get("content", {}).values() if isinstance(part.get("content"), dict) else ():
            examples = [example["value"] for example in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            whole = {**content["schema"], "components": document["components"]}
            for example in examples:
                for error in jsonschema.Draft202012Validator(whole).iter_errors(example):
                    wrong.append(f"{example}: {error.message}")
    assert not wrong, "\n".join(wrong)


def test_every_problem_is_an_example_of_its_schema() -> None:
    components = openapi.document()["components"]
    problems = {name: body for name, body in components["responses"].items() if name.startswith("Problem")}
    assert len(problems) == 10
    for body in problems.values():
        content = body["content"]["application/problem+json"]
        jsonschema.validate(content["example"], components["schemas"]["Problem"])


def test_the_endpoint_serves_it_to_everybody(db: None, client: Any) -> None:
    answer = client.get("/api/v1/schema/")
    assert answer.content == openapi.as_json()
    assert answer.content == (settings.BASE_DIR / "docs" / "openapi.json").read_bytes()
