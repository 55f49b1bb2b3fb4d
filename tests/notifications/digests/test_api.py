"""Digests, editions, runs and preferences in the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alumni.accounts.models import User
from alumni.members.models import Member
from notifications.digests import editions, runs
from notifications.digests.models import Digest, DigestState, Preference, Run
from notifications.posts.models import Post

Api = Callable[..., Any]
Publish = Callable[..., Post]


@pytest.fixture
def program(api_of: Api) -> Any:
    return api_of(scopes=["digests:read"])


@pytest.fixture
def planned(alice: Member, carol: Member, publish: Publish) -> Run:
    """A run with a digest for Alice (gig and vacancy) and one for Carol (gig)."""
    publish("gig", "Meetdata op orde", skills=["PostgreSQL"])
    publish("vacancy", "Beheerder gemalen")
    run = runs.start()
    runs.plan_all(run)
    return run


def test_a_program_reads_digests_with_items_and_reasons(program: Any, planned: Run, alice: Member) -> None:
    [digest] = program.get(f"/digests/?member={alice.uid}").json()["results"]

    assert [item["title"] for item in digest["items"]] == ["Meetdata op orde", "Beheerder gemalen"]
    assert "PostgreSQL" in digest["items"][0]["reason"]
    assert digest["state"] == "planned"


def test_the_members_own_links_show_only_with_the_scope_to_deliver(
    program: Any, api_of: Api, planned: Run, alice: Member
) -> None:
    digest = Digest.objects.get(member=alice)
    for accept in ("application/json", "text/html"):
        answer = program.get(f"/digests/{digest.uid}/", headers={"Accept": accept}).content.decode()
        assert "Meetdata op orde" in answer
        assert "/u/" not in answer
    deliverer = api_of(scopes=["digests:read", "digests:deliver"])
    assert "/u/" in deliverer.get(f"/digests/{digest.uid}/").json()["html"]


def test_a_digest_as_a_page_has_an_etag(program: Any, planned: Run) -> None:
    path = f"/digests/{Digest.objects.earliest('pk').uid}/"
    first = program.get(path, headers={"Accept": "text/html"})
    assert first.headers["Content-Type"].startswith("text/html")
    again = program.get(path, headers={"Accept": "text/html", "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_problem_stays_json_when_html_was_asked(program: Any, planned: Run) -> None:
    missing = "/digests/01a1fd62-5778-7a1c-9b2e-4f60718293a4/"
    answer = program.get(missing, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_a_longer_list_of_digests_takes_no_more_queries(
    program: Any, alice: Member, make_member: Callable[..., Member], publish: Publish
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert program.get("/digests/").status_code == 200
        return len(captured)

    publish("gig")
    runs.plan_all(runs.start())
    program.get("/digests/")
    few = queries()
    for n in range(5):
        make_member(f"Lid{n}", consents=["gigs"])
    runs.plan_all(runs.start())
    assert Digest.objects.count() == 6
    assert queries() == few


def test_an_edition_holds_the_weeks_posts_and_nobodys_name(program: Any, alice: Member, publish: Publish) -> None:
    publish("gig", "Meetdata op orde")
    publish("update", "Nieuw laboratorium")
    editions.refresh(at=timezone.now())
    [edition] = program.get("/editions/?audience=everybody&language=nl").json()["results"]

    assert [item["text"]["title"] for item in edition["items"]] == ["Meetdata op orde", "Nieuw laboratorium"]
    page = program.get(f"/editions/{edition['id']}/", headers={"Accept": "text/html"}).content.decode()
    assert "Nieuw laboratorium" in page
    assert "€\xa085 tot €\xa095 per uur" in page
    assert "Alice" not in page


def test_a_run_shows_counts_that_add_up(program: Any, planned: Run) -> None:
    detail = program.get(f"/runs/{planned.uid}/").json()

    assert detail["digests"] == {"planned": 2}
    assert {post["total"] for post in detail["posts"]} == {2}
    assert all(sum(post["outcomes"].values()) == post["total"] for post in detail["posts"])


def test_a_run_is_started_by_a_person_and_not_by_a_program(api_of: Api, approver: User, planned: Run) -> None:
    refused = api_of(scopes=["digests:read", "digests:deliver"]).post("/runs/", {"dry_run": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")

    started = api_of(approver).post("/runs/", {"dry_run": True, "everybody": True})
    assert started.status_code == 201, started.content
    runs.plan_all(Run.objects.get(uid=started.json()["id"]))
    detail = api_of(approver).get(f"/runs/{started.json()['id']}/").json()
    assert detail["state"] == "dry_run"
    assert Digest.objects.count() == 2


def test_a_member_reads_and_changes_their_rhythm(alice: Member, api_of: Api) -> None:
    me = api_of(alice)
    etag = me.get("/me/preferences/").headers["ETag"]
    changed = me.patch("/me/preferences/", {"frequency": "monthly", "hour": 19}, headers={"If-Match": etag})

    assert changed.status_code == 200, changed.content
    assert (changed.json()["frequency"], changed.json()["hour"]) == ("monthly", 19)
    assert Preference.objects.get(member=alice).frequency == "monthly"
    assert me.patch("/me/preferences/", {"hour": 8}, headers={"If-Match": etag}).status_code == 412


@pytest.mark.parametrize(
    "change", [{"hour": 24}, {"weekday": 0}, {"frequency": "hourly"}, {"timezone": "Mars/Olympus"}, {"jitter": 1}]
)
def test_a_rhythm_that_cannot_be_is_refused(alice: Member, api_of: Api, change: dict[str, Any]) -> None:
    before = list(Preference.objects.values())
    answer = api_of(alice).patch("/me/preferences/", change)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == list(change)
    assert list(Preference.objects.values()) == before


def test_a_member_sees_only_what_they_got_themselves(alice: Member, carol: Member, api_of: Api, planned: Run) -> None:
    assert api_of(alice).get("/me/digests/").json()["results"] == []
    Digest.objects.update(state=DigestState.HANDED_OVER, handed_over_at=timezone.now())

    [mine] = api_of(carol).get("/me/digests/").json()["results"]
    assert [item["title"] for item in mine["items"]] == ["Meetdata op orde"]
    assert mine["items"][0]["reason"]
