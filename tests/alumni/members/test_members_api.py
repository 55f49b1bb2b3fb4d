"""Members in the API, for HR and integrations."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alumni.accounts.models import User
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent
from alumni.members.models import Member
from notifications.mail.models import ServiceMail

NATHAN = {
    "given_name": "Nathan",
    "infix": "van der",
    "family_name": "Kamp",
    "email": "nathan@thuis.example",
    "kinds": ["alumnus"],
    "employments": [{"role": "Verpleegkundige", "department": "Zorg", "started_on": "2020-02-12"}],
}
Api = Callable[..., Any]


@pytest.fixture
def program(api_of: Api) -> Any:
    return api_of(scopes=["members:read", "members:write"])


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [member["given_name"] for member in answer.json()["results"]]


def test_adding_a_person_gives_no_consent_and_mails_nothing(organisation: Any, program: Any) -> None:
    answer = program.post("/members/", NATHAN)

    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "not_joined"
    assert answer.json()["employments"][0]["role"] == "Verpleegkundige"
    assert Member.objects.get().sort_name.startswith("kamp")
    assert not ConsentEvent.objects.exists()
    assert not ServiceMail.objects.exists()


def test_a_known_and_a_suppressed_address_get_the_same_answer(program: Any, alice: Member) -> None:
    suppression.suppress(email="weg@thuis.example", reason="objected")
    known = program.post("/members/", NATHAN | {"email": "ALICE@thuis.example"})
    gone = program.post("/members/", NATHAN | {"email": "weg@thuis.example"})

    assert known.status_code == gone.status_code == 409
    assert known.content == gone.content
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"given_name": "Nathan\r\nBcc: x@y.example"}, "given_name"),
        ({"email": "nathan@"}, "email"),
        ({"kinds": []}, "kinds"),
        ({"birth_date": "1990-01-01"}, "birth_date"),
        ({"language": "de"}, "language"),
        ({"employments": [{"started_on": "2022-01-02", "ended_on": "2022-01-01"}]}, "employments.0.ended_on"),
    ],
)
def test_bad_input_names_the_field_and_stores_nobody(
    organisation: Any, program: Any, change: dict[str, Any], field: str
) -> None:
    answer = program.post("/members/", NATHAN | change)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Member.objects.exists()


def test_a_freelancers_rate_shows_only_while_they_consent_to_gigs(program: Any, carol: Member, api_of: Api) -> None:
    path = f"/members/{carol.uid}/"
    shown = program.get(path).json()["freelance"]
    assert shown["rate"] == {"min": "80.00", "max": "95.00", "currency": "EUR", "unit": "hour"}

    etag = program.get(path).headers["ETag"]
    api_of(carol).post("/me/consents/", {"consents": {"gigs": False}})
    assert program.get(path, headers={"If-None-Match": etag}).json()["freelance"] is None


def test_a_lost_update_is_refused(program: Any, alice: Member) -> None:
    path = f"/members/{alice.uid}/"
    etag = program.get(path).headers["ETag"]
    assert program.patch(path, {"city": "Gent"}, headers={"If-Match": etag}).status_code == 200

    late = program.patch(path, {"city": "Luik"}, headers={"If-Match": etag})
    assert late.status_code == 412
    assert Member.objects.get(pk=alice.pk).city == "Gent"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=freelancer", ["Carol"]),
        ("consent=vacancies", ["Alice"]),
        ("consent=gigs", ["Alice", "Carol"]),
        ("skill=postgres,cobol", ["Alice"]),
        ("skill_all=postgres,cobol", []),
        ("city=utrecht", ["Alice"]),
        ("language=en", ["Carol"]),
        ("q=VRÌES%20bob", ["Bob"]),
        ("state=not_joined", []),
        ("state=joined&kind=alumnus", ["Alice", "Bob"]),
    ],
)
def test_members_are_filtered(
    program: Any, alice: Member, bob: Member, carol: Member, query: str, found: list[str]
) -> None:
    assert _names(program.get(f"/members/?{query}")) == found


def test_an_unknown_filter_and_a_huge_page_are_refused(program: Any, alice: Member) -> None:
    assert program.get("/members/?shoe_size=43").status_code == 400
    assert program.get("/members/?page_size=100000").status_code == 400


def test_a_longer_list_takes_no_more_queries(program: Any, make_member: Callable[..., Member]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert program.get("/members/?page_size=50").status_code == 200
        return len(captured)

    make_member("Een", skills=["Python"], freelance={})
    program.get("/members/")  # the token's day of last use is written once
    few = queries()
    for n in range(6):
        make_member(f"Lid{n}", email=f"lid{n}@thuis.example", skills=["Python", "SQL"], freelance={})
    assert queries() == few


def test_hr_erases_only_as_a_person_with_the_scope_for_it(
    alice: Member, author: User, privacy_officer: User, api_of: Api
) -> None:
    path = f"/members/{alice.uid}/"
    assert api_of(author).delete(path).status_code == 403
    refused = api_of(scopes=["privacy:manage"]).delete(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")
    assert Member.objects.filter(pk=alice.pk).exists()

    assert api_of(privacy_officer).delete(path).status_code == 204
    assert not Member.objects.filter(pk=alice.pk).exists()
