"""A member's own profile in the API."""

from collections.abc import Callable
from typing import Any

import pytest

from alumni.accounts.models import User
from alumni.members.models import FreelanceProfile, Member

Api = Callable[..., Any]


def test_a_member_reads_and_changes_what_is_theirs(alice: Member, api_of: Api) -> None:
    me = api_of(alice)
    assert me.get("/me/").json()["email"] == "alice@thuis.example"
    changed = me.patch("/me/", {"city": "Gent", "country": "BE"})

    assert changed.status_code == 200, changed.content
    assert (changed.json()["city"], changed.json()["country"]) == ("Gent", "BE")
    assert "permission_remark" not in changed.json()


def test_two_changes_at_once_lose_nothing(alice: Member, api_of: Api) -> None:
    me = api_of(alice)
    etag = me.get("/me/skills/").headers["ETag"]
    assert me.put("/me/skills/", {"skills": ["SQL"]}, headers={"If-Match": etag}).status_code == 200
    assert me.put("/me/skills/", {"skills": ["COBOL"]}, headers={"If-Match": etag}).status_code == 412
    assert me.get("/me/skills/").json() == {"skills": ["SQL"]}


def test_a_skill_is_one_skill_however_it_is_written(alice: Member, api_of: Api) -> None:
    answer = api_of(alice).put("/me/skills/", {"skills": ["postgres", "POSTGRESQL", "Postgre SQL", "k8s"]})
    assert answer.json() == {"skills": ["Kubernetes", "PostgreSQL"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": {"min": "95.00", "max": "80.00", "unit": "hour"}}, "rate.max"),
        ({"rate": {"min": "-1", "max": "80.00", "unit": "hour"}}, "rate.min"),
        ({"rate": {"min": "1e9", "max": "1e10", "unit": "hour"}}, "rate.min"),
        ({"kvk": "1234567A"}, "kvk"),
        ({"vat_id": "NL123456782B90"}, "vat_id"),
        ({"available_from": "2027-02-30"}, "available_from"),
        ({"hours_min": 40, "hours_max": 24}, "hours_max"),
        ({"salary": 5}, "salary"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(
    carol: Member, api_of: Api, change: dict[str, Any], field: str
) -> None:
    before = FreelanceProfile.objects.values().get(member=carol)
    answer = api_of(carol).patch("/me/freelance/", change)

    assert answer.status_code == 400
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert FreelanceProfile.objects.values().get(member=carol) == before


def test_an_old_vat_number_that_holds_a_national_number_is_not_echoed(carol: Member, api_of: Api) -> None:
    answer = api_of(carol).patch("/me/freelance/", {"vat_id": "NL123456782B90"})
    assert "123456782" not in answer.content.decode()


def test_naming_availability_confirms_it(carol: Member, api_of: Api) -> None:
    answer = api_of(carol).patch("/me/freelance/", {"available_from": "2027-03-01", "hours_max": 24})
    assert answer.status_code == 200, answer.content
    assert answer.json()["available_confirmed_on"] is not None


def test_a_former_colleague_becomes_a_freelancer_and_stops_again(alice: Member, api_of: Api) -> None:
    me = api_of(alice)
    assert me.get("/me/freelance/").status_code == 404
    assert me.patch("/me/freelance/", {"trade_name": "De Vries Data"}).status_code == 200
    assert me.get("/me/").json()["kinds"] == ["alumnus", "freelancer"]

    assert me.delete("/me/freelance/").status_code == 204
    assert me.get("/me/").json()["kinds"] == ["alumnus"]


def test_a_member_erases_themselves(alice: Member, bob: Member, api_of: Api) -> None:
    assert api_of(alice).delete("/me/").status_code == 204
    assert [member.given_name for member in Member.objects.all()] == ["Bob"]


def test_a_client_and_hr_have_no_profile_here(author: User, api_of: Api) -> None:
    for caller in (api_of(author), api_of(scopes=["members:read", "members:write"])):
        answer = caller.get("/me/")
        assert (answer.status_code, answer.json()["code"]) == (403, "member_required")
