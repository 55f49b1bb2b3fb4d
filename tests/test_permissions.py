"""Only your own, and only what your role says: the whole table, and nothing beside it."""

import copy
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.http import urlencode

from backend.http.scopes import SCOPES
from tests.permissions_office import ELSEWHERE, OFFICE
from tests.permissions_table import API, NOT_FOUND, PAGES, WHO, Row
from tests.permissions_world import Caller, make_things

ROWS = API + PAGES + OFFICE
# `<uuid:uid>`, and the one regular expression among the routes: Django's page of an app.
IN_ROUTE = re.compile(r"<(?:\w+:)?\w+>")
OF_AN_APP = "^(?P<app_label>alumni|notifications)/$"


@pytest.fixture
def things(alice: Any, author: Any, approver: Any) -> dict[str, Any]:
    return make_things(alice, author, approver)


@pytest.fixture
def callers(
    alice: Any, bob: Any, reader: Any, author: Any, approver: Any, administrator: Any, privacy_officer: Any
) -> dict[str, Caller]:
    hr = {"reader": reader, "author": author, "approver": approver, "admin": administrator, "privacy": privacy_officer}
    people = {"alice": alice.user, "bob": bob.user, **hr}
    return {"nobody": Caller(), **{name: Caller(user) for name, user in people.items()}, "bare": Caller(scopes=[])}


def path_of(row: Row, things: dict[str, Any]) -> str:
    names = iter(row.things)
    route = row.route.replace(OF_AN_APP, "alumni/")
    query = urlencode({name: things[thing] for name, thing in row.query.items()})
    return "/" + IN_ROUTE.sub(lambda _found: str(things[next(names)]), route) + (f"?{query}" if query else "")


def stands_for(value: Any, things: dict[str, Any]) -> Any:
    thing = things.get(value, value) if isinstance(value, str) else value
    return thing() if callable(thing) else thing


def ask(caller: Caller, row: Row, things: dict[str, Any], method: str | None = None) -> int:
    """The status of this request, of which nothing remains."""
    cache.clear()
    body = {name: stands_for(value, things) for name, value in row.body.items()}
    cookies = copy.deepcopy(caller.client.cookies)
    with transaction.atomic():
        answer = caller.call(method or row.method, path_of(row, things), body, form=row.form, program=row.program)
        transaction.set_rollback(True)
    caller.client.cookies = cookies
    return int(answer.status_code)


def differences(rows: list[Row], things: dict[str, Any], callers: dict[str, Caller]) -> str:
    found = []
    for row in rows:
        callers["program"] = Caller(scopes=[row.scope] if row.scope else [])
        given = {name: ask(callers[name], row, things) for name in WHO}
        if given != row.expected():
            found.append(f"{row.method} {row.route}: {' '.join(map(str, given.values()))}, not {row.statuses}")
    return "\n".join(found)


def test_the_api_gives_each_caller_what_the_table_says(things: dict[str, Any], callers: dict[str, Caller]) -> None:
    assert not (found := differences(API, things, callers)), found


def test_the_pages_give_each_visitor_what_the_table_says(things: dict[str, Any], callers: dict[str, Caller]) -> None:
    assert not (found := differences(PAGES, things, callers)), found


def test_the_back_office_shows_each_role_what_the_table_says(
    things: dict[str, Any], callers: dict[str, Caller]
) -> None:
    assert not (found := differences(OFFICE, things, callers)), found


def fingerprint() -> dict[str, str]:
    """A hash of each table's rows."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = hashlib.sha256("\n".join(sorted(map(repr, cursor.fetchall()))).encode()).hexdigest()
    return found


def test_looking_changes_nothing(things: dict[str, Any], callers: dict[str, Caller]) -> None:
    callers["program"] = Caller(scopes=list(SCOPES))
    lookers = [callers[name] for name in ("nobody", "alice", "admin", "program")]
    for caller in lookers:
        caller.call("GET", "/api/v1/members/", program=True)  # writes the day of the token's last use, once a day
    before, found = fingerprint(), []
    for row in (row for row in ROWS if row.method == "GET"):
        for caller in lookers:
            for method in ("GET", "HEAD"):
                cache.clear()
                caller.call(method, path_of(row, things), program=row.program)
        after = fingerprint()
        found += [f"{row.route}: {table}" for table in before if before[table] != after[table]]
        before = after
    assert found == []


def test_what_the_table_does_not_name_nobody_may(things: dict[str, Any], callers: dict[str, Caller]) -> None:
    """Every other method on every route, also for those who may most."""
    listed = {(row.method, row.route) for row in ROWS}
    callers["program"] = Caller(scopes=list(SCOPES))
    found = []
    for route, row in {row.route: row for row in ROWS}.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {name for name, its in listed if its == route}:
            # Lists of the back office post to themselves, and its pages show themselves to whoever posts in vain.
            posts_in_vain = route.startswith("office/") and method in {"GET", "POST"}
            names = ("nobody", "alice", "program") if posts_in_vain else ("nobody", "alice", "admin", "program")
            given = {name: ask(callers[name], row, things, method) for name in names}
            if set(given.values()) - {302, 401, 403, 404, 405}:
                found.append(f"{method} {route}: {given}")
    assert not found, "\n".join(found)


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def test_every_url_stands_in_the_table() -> None:
    missing = sorted(set(routes()) - {row.route for row in ROWS} - NOT_FOUND - ELSEWHERE)
    assert not missing, "\n".join(missing)


def test_every_row_of_the_table_is_a_url() -> None:
    assert {row.route for row in ROWS} - set(routes()) == set()


def test_identifiers_of_the_api_are_uuids() -> None:
    converters = {found for route in routes() if route.startswith("api/") for found in re.findall(r"<(\w+):", route)}
    assert converters == {"uuid"}
