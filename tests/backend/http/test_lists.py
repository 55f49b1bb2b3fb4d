"""Pages, filters, ordering, ETags."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from alumni.accounts.models import User


@pytest.fixture
def users(db: None) -> list[User]:
    """Seven, of whom five share a name, and all the second in which they were made."""
    names = ["Anna", "Bob", "Bob", "Bob", "Bob", "Bob", "Cees"]
    found = [User.objects.create_user(f"u{n}@thuis.example", name=name) for n, name in enumerate(names)]
    User.objects.update(date_joined=timezone.now())
    return found


def walk(get: Any, path: str, towards: str = "next") -> list[list[str]]:
    pages = []
    answer = get(path).json()
    while True:
        pages.append([row["id"] for row in answer["results"]])
        if answer[towards] is None:
            return pages
        answer = get(answer[towards].removeprefix("http://testserver/api/v1/")).json()


@pytest.mark.parametrize("ordering", ["", "name", "-name", "date_joined", "-date_joined", "name,-date_joined"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 200])
def test_each_row_is_seen_once_whatever_the_order_and_the_size(
    get: Any, users: list[User], ordering: str, size: int
) -> None:
    path = f"users/?page_size={size}" + (f"&ordering={ordering}" if ordering else "")
    pages = walk(get, path)
    seen = [uid for page in pages for uid in page]
    assert sorted(seen) == sorted(str(user.uid) for user in users)
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    if ordering in {"", "-name"}:
        rank = {str(user.uid): (user.name, user.pk) if ordering else (user.pk,) for user in users}
        assert seen == sorted(seen, key=rank.__getitem__, reverse=True)


def test_one_can_go_back_the_way_one_came(get: Any, users: list[User]) -> None:
    first = get("users/?page_size=3&ordering=name").json()
    assert first["previous"] is None
    second = get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    back = get(second["previous"].removeprefix("http://testserver/api/v1/")).json()
    assert back["results"] == first["results"]
    assert back["previous"] is None
    assert back["next"] is not None


def test_rows_that_come_and_go_do_not_move_the_next_page(get: Any, users: list[User]) -> None:
    first = get("users/?page_size=3").json()
    User.objects.create_user("new@thuis.example")
    User.objects.get(uid=first["results"][0]["id"]).delete()
    second = get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    assert [row["id"] for row in second["results"]] == [str(users[n].uid) for n in (3, 2, 1)]


def test_filters_stay_on_the_next_page(get: Any, users: list[User]) -> None:
    pages = walk(get, "users/?name=Bob&page_size=2")
    assert [len(page) for page in pages] == [2, 2, 1]


@pytest.mark.parametrize("size", ["0", "201", "100000", "-1", "x", "1.5", "٣", "", "9" * 5000])
def test_a_page_size_that_is_none_is_refused_not_cut(get: Any, users: list[User], size: str) -> None:
    answer = get(f"users/?page_size={size}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "page_size"


def test_a_cursor_that_is_not_of_this_list_is_refused(get: Any, users: list[User]) -> None:
    mine = get("users/?page_size=2&ordering=name").json()["next"].removeprefix("http://testserver/api/v1/")
    other_order = mine.replace("ordering=name", "ordering=date_joined")
    for path in ("users/?cursor=x", "users/?cursor=", "users/?cursor=cD0x", other_order, mine + "x"):
        answer = get(path)
        assert answer.status_code == 400, path
        assert answer.json()["errors"][0]["code"] in {"invalid_cursor", "unknown_ordering"}


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("nmae=x", "nmae", "unknown_filter"),
        ("name=a%00b", "name", "null_character"),
        ("ordering=email", "ordering", "unknown_ordering"),
        ("ordering=password", "ordering", "unknown_ordering"),
        ("ordering=--name", "ordering", "unknown_ordering"),
        ("ordering=name,", "ordering", "unknown_ordering"),
        ("a%00b=1", "ab", "unknown_filter"),
    ],
)
def test_what_a_list_does_not_know_it_refuses(get: Any, users: list[User], query: str, field: str, code: str) -> None:
    answer = get(f"users/?{query}")
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_one_thing_knows_no_filters(get: Any, users: list[User]) -> None:
    assert get(f"users/{users[0].uid}/?cursor=x").status_code == 400
    assert get(f"users/{users[0].uid}/").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_page(
    get: Any, users: list[User], django_assert_num_queries: Any
) -> None:
    for size in (1, 7):
        with django_assert_num_queries(1):
            get(f"users/?page_size={size}")


def test_times_leave_in_utc(get: Any, users: list[User]) -> None:
    User.objects.update(date_joined=dt.datetime(2026, 7, 1, 12, 0, tzinfo=dt.UTC))
    assert get(f"users/{users[0].uid}/").json()["date_joined"] == "2026-07-01T12:00:00Z"


def test_an_unchanged_answer_is_304_and_a_changed_one_is_not(get: Any, users: list[User]) -> None:
    path = f"users/{users[0].uid}/"
    first = get(path)
    assert first["ETag"].startswith('"')
    for header in (first["ETag"], f"W/{first['ETag']}", f'"x", {first["ETag"]}', "*"):
        again = get(path, if_none_match=header)
        assert again.status_code == 304, header
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        assert again["Cache-Control"] == first["Cache-Control"]
    User.objects.filter(pk=users[0].pk).update(name="Other")
    assert get(path, if_none_match=first["ETag"]).status_code == 200


def test_an_error_carries_no_etag(get: Any, users: list[User]) -> None:
    assert "ETag" not in get("users/?nmae=x")
