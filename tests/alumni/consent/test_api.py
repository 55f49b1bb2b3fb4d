"""GET and POST /me/consents/."""

import pytest

from alumni.consent.models import ConsentEvent

pytestmark = pytest.mark.django_db


def by_purpose(answer):
    return {row["purpose"]: row for row in answer.json()["results"]}


def test_a_member_sees_what_they_agreed_to_and_on_which_words(api_of, carol):
    answer = api_of(carol).get("/me/consents/")
    assert answer.status_code == 200
    rows = by_purpose(answer)
    assert list(rows) == ["gigs", "vacancies", "updates", "matching"]
    gigs = rows["gigs"]
    assert (gigs["in_force"], gigs["state"], gigs["answered_version"]) == (True, "given", 1)
    assert gigs["valid_until"] > gigs["since"]
    assert gigs["notice"]["words"].startswith("Gigs and assignments. We e-mail you assignments")
    assert gigs["notice"]["url"] == "http://localhost:8000/notices/gigs/1/en/"
    assert (rows["updates"]["in_force"], rows["updates"]["state"]) == (False, "refused")


def test_a_member_gives_and_withdraws_per_purpose_and_a_repeat_changes_nothing(api_of, carol):
    api = api_of(carol)
    before = ConsentEvent.objects.count()
    answer = api.post("/me/consents/", {"consents": {"vacancies": True, "gigs": False}})
    assert answer.status_code == 200
    rows = by_purpose(answer)
    assert (rows["vacancies"]["in_force"], rows["gigs"]["in_force"]) == (True, False)
    assert rows["gigs"]["state"] == "withdrawn"
    assert rows["updates"]["state"] == "refused"  # not named, so not touched
    events = list(ConsentEvent.objects.filter(seq__gt=before))
    assert [(event.purpose, event.state, event.channel, event.method) for event in events] == [
        ("gigs", "withdrawn", "api", "preference_page"),
        ("vacancies", "given", "api", "preference_page"),
    ]
    assert api.post("/me/consents/", {"consents": {"vacancies": True, "gigs": False}}).status_code == 200
    assert ConsentEvent.objects.count() == before + 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"consents": {"*": True}}, "consents.*"),
        ({"consents": {"everything": True}}, "consents.everything"),
        ({"consents": {"events": True}}, "consents.events"),  # exists, but nothing is sent for it yet
        ({"consents": {"gigs": "true"}}, "consents.gigs"),
        ({"consents": {"gigs": 1}}, "consents.gigs"),
        ({"consents": {"gigs": None}}, "consents.gigs"),
        ({"consents": {}}, "consents"),
        ({"consents": ["gigs"]}, "consents"),
        ({"consents": {"gigs\x00": True}}, "consents"),
        ({}, "consents"),
        ({"consents": {"gigs": False}, "all": True}, "all"),
    ],
)
def test_what_is_no_clear_choice_is_refused_and_changes_nothing(api_of, carol, body, field):
    before = ConsentEvent.objects.count()
    answer = api_of(carol).post("/me/consents/", body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert ConsentEvent.objects.count() == before


def test_one_unknown_purpose_among_good_ones_changes_nothing(api_of, carol):
    before = ConsentEvent.objects.count()
    answer = api_of(carol).post("/me/consents/", {"consents": {"vacancies": True, "nonsense": True}})
    assert answer.status_code == 400
    assert ConsentEvent.objects.count() == before


def test_only_a_member_has_consents(api_of, author, db):
    assert api_of().get("/me/consents/").status_code == 401
    assert api_of(author).get("/me/consents/").status_code == 403
    assert api_of(scopes=["consents:read", "privacy:manage"]).post("/me/consents/", {}).status_code == 403


def test_what_is_read_has_an_etag(api_of, carol):
    api = api_of(carol)
    etag = api.get("/me/consents/").headers["ETag"]
    assert api.get("/me/consents/", headers={"If-None-Match": etag}).status_code == 304
    api.post("/me/consents/", {"consents": {"gigs": False}})
    assert api.get("/me/consents/", headers={"If-None-Match": etag}).status_code == 200


def test_reading_takes_a_constant_number_of_queries(api_of, carol, django_assert_max_num_queries):
    api = api_of(carol)
    api.get("/me/consents/")
    with django_assert_max_num_queries(8):
        api.get("/me/consents/")


def test_a_published_notice_stands_at_its_own_address_in_its_own_language(client, notices):
    answer = client.get("/notices/gigs/1/nl/", headers={"Accept-Language": "en"})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Klussen en opdrachten." in page
    assert "Maasveld, Keulsekade 140, 3532 AA Utrecht, KvK 12345678, is verantwoordelijk voor je gegevens." in page
    assert "Autoriteit Persoonsgegevens: https://autoriteitpersoonsgegevens.nl" in page
    assert client.post("/notices/gigs/1/nl/").status_code == 405
    for nothing in ("gigs/2/nl", "gigs/1/fr", "events/1/nl", "gigs/99999999999999999999999/nl"):
        assert client.get(f"/notices/{nothing}/").status_code == 404
