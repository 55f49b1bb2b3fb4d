"""Digests, editions, runs and preferences as programs and members see them."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.digests import deliver, editions, runs, tasks
from notifications.digests.models import Digest, DigestItem, Edition, EditionItem, Preference, Run
from notifications.posts.models import Post, PostVersion
from tests.faults.smtp_server import LyingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def sent(alice, carol, publish, server):
    """A run that is done: Alice and Carol got a gig, Alice a vacancy too."""
    gig, vacancy = publish("gig", "Python-klus", required=["Python"]), publish("vacancy", "Teamleider data")
    run = runs.start()
    runs.plan_all(run)
    deliver.hand_over_all()
    runs.finish_ended()
    return {"gig": gig, "vacancy": vacancy, "run": Run.objects.get()}


@pytest.fixture
def reading(api_of):
    return api_of(scopes=["digests:read"])


# --- digests


def test_the_list_tells_who_got_what_and_why(sent, alice, reading) -> None:
    answer = reading.get("/digests/")
    assert answer.status_code == 200
    found = {one["member"]: one for one in answer.json()["results"]}
    digest = found[str(alice.uid)]
    assert (digest["state"], digest["language"], digest["run"]) == ("handed_over", "nl", str(sent["run"].uid))
    assert digest["items"][0] == {
        "post": str(sent["gig"].uid),
        "kind": "gig",
        "rank": 1,
        "title": "Python-klus",
        "url": f"http://localhost:8000/p/{sent['gig'].slug}",
        "version": 1,
        "reason": digest["items"][0]["reason"],
        "reason_text": "Past bij jou omdat je Python noemt en in Utrecht woont.",
        "state": "handed_over",
    }
    assert "html" not in digest
    assert len(found) == 2


def test_filters_narrow_and_unknown_ones_are_refused(sent, alice, reading) -> None:
    assert len(reading.get(f"/digests/?member={alice.uid}").json()["results"]) == 1
    assert reading.get("/digests/?state=withheld").json()["results"] == []
    assert reading.get("/digests/?since=2099-01-01T00:00:00Z").json()["results"] == []
    assert len(reading.get(f"/digests/?run={sent['run'].uid}").json()["results"]) == 2
    for wrong in ("?colour=blue", "?state=asleep", "?member=1", "?since=yesterday", "?page_size=100000"):
        assert reading.get(f"/digests/{wrong}").status_code == 400


def test_one_digest_shows_what_was_sent_without_the_members_own_links(sent, alice, reading) -> None:
    digest = Digest.objects.get(member=alice)
    answer = reading.get(f"/digests/{digest.uid}/")
    body = answer.json()
    assert body["exact"] is True
    assert body["links"] is None
    assert "Python-klus" in body["html"]
    assert "Dag Alice," in body["text"]
    assert "/u/" not in answer.content.decode()
    assert [consent["purpose"] for consent in body["consents"]] == ["gigs", "vacancies"]
    assert all(consent["seq"] <= digest.consent_seq for consent in body["consents"])


def test_with_the_scope_to_deliver_the_links_are_there(sent, alice, api_of) -> None:
    digest = Digest.objects.get(member=alice)
    body = api_of(scopes=["digests:read", "digests:deliver"]).get(f"/digests/{digest.uid}/").json()
    assert body["links"]["unsubscribe"] in body["text"]
    assert body["links"]["preferences"] in body["html"]


def test_one_digest_as_a_page(sent, alice, reading) -> None:
    digest = Digest.objects.get(member=alice)
    answer = reading.get(f"/digests/{digest.uid}/", headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer.content.decode().startswith("<!doctype html>")
    assert "/u/" not in answer.content.decode()
    again = reading.get(f"/digests/{digest.uid}/", headers={"Accept": "text/html", "If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_wish_for_html_changes_no_error_and_no_list(sent, reading, api_of) -> None:
    html = {"Accept": "text/html"}
    missing = reading.get(f"/digests/{sent['run'].uid}/", headers=html)
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert reading.get("/digests/", headers=html)["Content-Type"] == "application/json"
    assert api_of().get("/digests/", headers=html).status_code == 401


def test_the_number_of_queries_does_not_grow_with_the_list(sent, make_member, reading, server) -> None:
    def queries(path):
        with CaptureQueriesContext(connection) as counted:
            assert reading.get(path).status_code == 200
        return len(counted)

    editions.refresh(at=timezone.now())
    paths = ("/digests/", "/editions/", "/runs/")
    queries("/runs/")  # the day of the token's last use is written once
    few = [queries(path) for path in paths]
    for n in range(8):
        make_member(f"Lid{n}", consents=["gigs"])
        run = runs.start()
        runs.plan_all(run)
    deliver.hand_over_all()
    with time_machine.travel(timezone.now() + dt.timedelta(days=7)):
        Post.objects.update(published_at=timezone.now())
        editions.refresh(at=timezone.now())
    assert [queries(path) for path in paths] == few
    assert Digest.objects.count() == 10


def test_a_cursor_goes_through_all_of_them_once(sent, make_member, reading) -> None:
    for n in range(5):
        make_member(f"Lid{n}", consents=["gigs"])
    runs.plan_all(runs.start())
    seen, path = [], "/digests/?page_size=3"
    while path:
        page = reading.get(path.split("/api/v1")[-1]).json()
        seen += [one["id"] for one in page["results"]]
        path = page["next"]
    assert sorted(seen) == sorted(str(uid) for uid in Digest.objects.values_list("uid", flat=True))
    assert len(seen) == len(set(seen)) == 7


def test_a_digest_that_was_not_sent_is_never_exact(alice, publish, reading) -> None:
    publish()
    runs.plan_all(runs.start())
    body = reading.get(f"/digests/{Digest.objects.get().uid}/").json()
    assert (body["state"], body["exact"], body["consents"]) == ("planned", False, [])
    assert "Dag Alice," in body["text"]


# --- me


def test_a_member_reads_their_own_digests_and_nobody_elses(sent, carol, api_of) -> None:
    found = api_of(carol).get("/me/digests/", headers={"Accept-Language": "en"}).json()["results"]
    assert len(found) == 1
    assert [item["post"] for item in found[0]["items"]] == [str(sent["gig"].uid)]
    assert found[0]["items"][0]["reason_text"] == "You get this because you want to get gigs."


def test_what_was_withheld_is_not_among_what_i_got(sent, alice, api_of) -> None:
    DigestItem.objects.filter(member=alice, post=sent["gig"]).update(outcome="withheld")
    found = api_of(alice).get("/me/digests/").json()["results"]
    assert [item["post"] for item in found[0]["items"]] == [str(sent["vacancy"].uid)]
    Digest.objects.filter(member=alice).update(state="withheld")
    assert api_of(alice).get("/me/digests/").json()["results"] == []


def test_a_member_reads_and_changes_their_rhythm(alice, api_of) -> None:
    mine = api_of(alice)
    before = mine.get("/me/preferences/")
    assert before.json() == {
        "frequency": "weekly", "weekday": 2, "hour": 9, "timezone": "Europe/Amsterdam", "language": "nl",
        "paused_until": None, "next_due": before.json()["next_due"],
    }  # fmt: skip
    changes = {"frequency": "monthly", "hour": 18, "language": "en", "paused_until": "2027-01-15"}
    after = mine.patch("/me/preferences/", changes, headers={"If-Match": before["ETag"]})
    assert after.status_code == 200
    assert {name: after.json()[name] for name in changes} == changes
    assert after["ETag"] != before["ETag"]
    assert Preference.objects.get(pk=alice.pk).frequency == "monthly"


def test_a_lost_update_is_refused_and_changes_nothing(alice, api_of) -> None:
    mine = api_of(alice)
    old = mine.get("/me/preferences/")["ETag"]
    mine.patch("/me/preferences/", {"hour": 7})
    refused = mine.patch("/me/preferences/", {"hour": 8}, headers={"If-Match": old})
    assert refused.status_code == 412
    assert Preference.objects.get(pk=alice.pk).hour == 7


@pytest.mark.parametrize(
    "changes",
    [{"hour": 24}, {"weekday": 0}, {"frequency": "hourly"}, {"timezone": "Mars"}, {"language": "tlh"},
     {"next_due": None}, {"paused_until": "tomorrow"}, {"email": "x@y.example"}],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(alice, api_of, changes) -> None:
    refused = api_of(alice).patch("/me/preferences/", {"hour": 7, **changes})
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == list(changes)
    assert Preference.objects.get(pk=alice.pk).hour == 9


# --- runs


def test_a_person_starts_a_dry_run_and_reads_what_it_counted(alice, bob, publish, approver, api_of, server) -> None:
    post = publish()
    person = api_of(approver)
    started = person.post("/runs/", {"dry_run": True})
    assert started.status_code == 202
    tasks.plan.apply(args=[Run.objects.get().pk])
    run = person.get(f"/runs/{started.json()['id']}/").json()
    assert (run["state"], run["digests"], run["items"], run["started_by"]) == ("dry_run", 1, 1, "Joost Hendriks")
    assert run["posts"] == [{"post": str(post.uid), "audience": 2, "outcomes": {"no_consent": 1, "planned": 1}}]
    assert run["states"] == {}
    assert server.received == []
    assert Digest.objects.count() == 0


def test_a_run_shows_its_counts_and_they_add_up(sent, reading) -> None:
    run = reading.get(f"/runs/{sent['run'].uid}/").json()
    assert run["states"] == {"handed_over": 2}
    assert {one["post"]: one["outcomes"] for one in run["posts"]} == {
        str(sent["gig"].uid): {"handed_over": 2},
        str(sent["vacancy"].uid): {"handed_over": 1, "refused": 1},
    }
    assert all(one["audience"] == sum(one["outcomes"].values()) for one in run["posts"])
    assert reading.get("/runs/?state=done").json()["results"][0]["id"] == str(sent["run"].uid)


def test_starting_a_run_takes_a_person_with_the_scope(alice, reader, api_of, approver, organisation) -> None:
    program = api_of(scopes=["digests:read", "digests:deliver"]).post("/runs/", {"dry_run": True})
    assert (program.status_code, program.json()["code"]) == (403, "person_required")
    assert api_of(reader).post("/runs/", {"dry_run": True}).json()["code"] == "missing_scope"
    assert api_of(alice).post("/runs/", {"dry_run": True}).status_code == 403
    assert api_of(approver).post("/runs/", {"dry_run": True, "colour": "blue"}).status_code == 400
    organisation.street = ""
    organisation.save()
    incomplete = api_of(approver).post("/runs/", {})
    assert (incomplete.status_code, incomplete.json()["code"]) == (409, "company_incomplete")
    assert Run.objects.count() == 0


def test_a_repeat_with_the_same_key_starts_nothing_new(approver, api_of) -> None:
    person, key = api_of(approver), {"Idempotency-Key": "once"}
    first = person.post("/runs/", {"dry_run": True}, headers=key)
    second = person.post("/runs/", {"dry_run": True}, headers=key)
    assert first.json() == second.json()
    assert Run.objects.count() == 1


# --- editions


@pytest.fixture
def wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


def test_an_edition_holds_the_weeks_posts_by_kind_newest_first(publish, reading, wednesday) -> None:
    news = publish("update", "Nieuws")
    old, new = publish("gig", "Oud", age=dt.timedelta(hours=9)), publish("gig", "Nieuw")
    publish("gig", "Vorige week", age=dt.timedelta(days=6))
    editions.refresh(at=timezone.now())
    found = reading.get("/editions/?audience=everybody&language=nl&period=2026-W47").json()["results"]
    assert len(found) == 1
    assert [post["id"] for post in found[0]["posts"]] == [str(post.uid) for post in (new, old, news)]
    assert (found[0]["number"], found[0]["starts_on"], found[0]["is_final"]) == (2, "2026-11-16", False)
    assert found[0]["posts"][0]["terms"]["pay"] == {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"}
    assert found[0]["posts"][2]["why"] == "Omdat het anders niet gaat."


def test_a_post_for_some_is_in_their_edition_and_one_for_all_in_every_edition(publish, organisation, wednesday) -> None:
    publish("gig", audience="freelancers")
    for_all = publish("update")
    publish("vacancy", audience="alumni")
    editions.refresh(at=timezone.now())
    kinds = {
        edition.audience.code: [item.version.post.kind for item in edition.items.order_by("rank")]
        for edition in Edition.objects.all()
    }
    assert kinds == {"everybody": ["update"], "alumni": ["vacancy", "update"], "freelancers": ["gig", "update"]}
    assert for_all.current_version_id in EditionItem.objects.values_list("version_id", flat=True)


def test_a_language_has_an_edition_when_it_has_a_text(publish, organisation, wednesday) -> None:
    publish("gig", texts={"nl": {}, "en": {"title": "English"}})
    publish("gig", "Alleen Nederlands")
    editions.refresh(at=timezone.now())
    counts = {e.language: e.items.count() for e in Edition.objects.filter(audience__code="everybody")}
    assert counts == {"nl": 2, "en": 1}


def test_it_follows_the_week_and_is_final_when_the_week_has_ended(publish, organisation, reading, wednesday) -> None:
    post = publish("gig", "Eerste")
    editions.refresh(at=timezone.now())
    late = publish("gig", "Zondagavond")
    sunday = dt.datetime(2026, 11, 22, 22, 30, tzinfo=dt.UTC)  # 23.30 in Amsterdam
    Post.objects.filter(pk=late.pk).update(published_at=sunday)
    wednesday.move_to(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC))
    editions.refresh(at=timezone.now())
    edition = Edition.objects.get(audience__code="everybody")
    assert edition.items.count() == 2
    newer = PostVersion.objects.create(post=post, number=2, approved_at=timezone.now(), sha256="1" * 64)
    Post.objects.filter(pk=post.pk).update(current_version=newer)
    Post.objects.filter(pk=late.pk).update(state="closed", closed_at=timezone.now())
    assert editions.refresh(at=timezone.now()) == 0
    shown = reading.get(f"/editions/{edition.uid}/").json()
    assert shown["is_final"] is True
    assert [(one["title"], one["version"], one["is_open"]) for one in shown["posts"]] == [
        ("Zondagavond", 1, False),
        ("Eerste", 1, True),
    ]


def test_a_post_closed_within_its_week_leaves_the_edition(publish, organisation, wednesday) -> None:
    post, _stays = publish("gig"), publish("gig")
    editions.refresh(at=timezone.now())
    Post.objects.filter(pk=post.pk).update(state="closed", closed_at=timezone.now())
    editions.refresh(at=timezone.now())
    assert Edition.objects.get(audience__code="everybody").items.count() == 1
    assert editions.refresh(at=timezone.now()) == 0


def test_weeks_that_were_missed_are_made_up_for_and_numbers_follow_the_weeks(publish, organisation, wednesday) -> None:
    for weeks in (5, 3, 0):
        publish("gig", age=dt.timedelta(weeks=weeks, hours=1))
    tasks.refresh_editions.apply()
    made = Edition.objects.filter(audience__code="everybody").order_by("number").values_list("number", "period")
    assert list(made) == [(1, "2026-W42"), (2, "2026-W44"), (3, "2026-W47")]


@pytest.mark.parametrize("moment", ["2026-12-31", "2027-01-01", "2027-01-04"])
def test_weeks_are_iso_weeks_also_at_new_year(moment) -> None:
    at = dt.datetime.fromisoformat(f"{moment}T12:00:00+00:00")
    period = editions.period_of(at)
    first, end = editions.bounds(period)
    assert first <= at < end
    assert period == {"2026-12-31": "2026-W53", "2027-01-01": "2026-W53", "2027-01-04": "2027-W01"}[moment]


def test_an_edition_as_a_page_holds_nothing_personal(publish, alice, reading, wednesday) -> None:
    publish("gig", "Meetdata op orde"), publish("update", "Eén kantoor")
    editions.refresh(at=timezone.now())
    edition = Edition.objects.get(audience__code="everybody")
    answer = reading.get(f"/editions/{edition.uid}/", headers={"Accept": "text/html"})
    html = answer.content.decode()
    assert "Week 47 van 2026" in html
    assert "Meetdata op orde" in html
    assert "Eén kantoor" in html
    assert "/u/" not in html
    assert "Alice" not in html
    assert reading.get(f"/editions/{edition.uid}/", headers={"If-None-Match": answer["ETag"]}).status_code == 200
    same = {"Accept": "text/html", "If-None-Match": answer["ETag"]}
    assert reading.get(f"/editions/{edition.uid}/", headers=same).status_code == 304


def test_publishing_brings_the_edition_up_to_date(
    publish, organisation, wednesday, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    from notifications.posts.signals import post_published

    woken = []
    monkeypatch.setattr(tasks.refresh_editions, "delay", lambda: woken.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        post_published.send(sender=Post, post_id=publish().pk)
    assert woken == [1]
