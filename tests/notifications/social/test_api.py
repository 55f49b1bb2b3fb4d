"""Drafts through the API."""

import pytest

from notifications.posts import review
from notifications.social.models import Draft

pytestmark = pytest.mark.django_db
URL = "https://www.linkedin.com/feed/update/urn:li:activity:7265012345678901234/"


def test_a_draft_is_listed_edited_and_posted(api_of, author, make_post, publish):
    post = publish(make_post())
    api = api_of(author)
    (listed,) = api.get("/drafts/?channel=linkedin_group&state=ready").json()["results"]
    assert (listed["post"], listed["language"], listed["post_version"]) == (str(post.uid), "nl", 1)
    assert listed["limits"] == {"max_length": 3000, "fold": 140, "fold_lines": 3, "verified_on": "2026-11-21"}
    path = f"/drafts/{listed['id']}/"
    edited = api.patch(path, {"text": "Klus 🙂\n\nMeer volgt."})
    assert (edited.json()["text"], edited.json()["length"]) == ("Klus 🙂\n\nMeer volgt.", 20)
    assert edited.json()["edited_by"] == "Marieke de Boer"
    posted = api.post(f"{path}posted/", {"url": URL})
    assert (posted.json()["state"], posted.json()["posted_url"], posted.json()["posted_by"]) == (
        "posted",
        URL,
        "Marieke de Boer",
    )
    assert api.get(path).json() == posted.json()
    assert api.patch(path, {"text": "Te laat"}).status_code == 409


def test_a_closed_post_says_what_to_do_with_what_was_posted(api_of, author, make_post, publish):
    post = publish(make_post())
    api = api_of(author)
    path = f"/drafts/{Draft.objects.get().uid}/"
    posted = api.post(f"{path}posted/", {"url": URL})
    review.close(post=post)
    shown = api.get(path, headers={"If-None-Match": posted["ETag"]})
    assert shown.status_code == 200
    assert shown.json()["closing_note"].startswith("Deze klus is gesloten.")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"text": "x" * 3001}, "text", "max_length"),
        ({"text": ""}, "text", "blank"),
        ({"text": "a\x07b"}, "text", "control_character"),
        ({}, "text", "required"),
        ({"text": "x", "state": "posted"}, "state", "unknown_field"),
    ],
)
def test_a_wrong_text_is_told(api_of, author, make_post, publish, body, field, code):
    publish(make_post())
    before = Draft.objects.get()
    answer = api_of(author).patch(f"/drafts/{before.uid}/", body)
    assert answer.status_code == 400
    assert (field, code) in {(item["field"], item["code"]) for item in answer.json()["errors"]}
    assert Draft.objects.get().text == before.text


def test_a_link_of_another_site_is_told(api_of, author, make_post, publish):
    publish(make_post())
    answer = api_of(author).post(f"/drafts/{Draft.objects.get().uid}/posted/", {"url": "https://x.example/1"})
    assert answer.json()["errors"][0]["field"] == "url"
    assert Draft.objects.get().state == "ready"


def test_a_lost_update_is_refused(api_of, author, make_post, publish):
    publish(make_post())
    api = api_of(author)
    path = f"/drafts/{Draft.objects.get().uid}/"
    etag = api.get(path)["ETag"]
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert api.patch(path, {"text": "Eerst"}, headers={"If-Match": etag}).status_code == 200
    assert api.patch(path, {"text": "Te laat"}, headers={"If-Match": etag}).status_code == 412


def test_each_call_needs_its_scope(api_of, alice, make_post, publish):
    publish(make_post())
    path = f"/drafts/{Draft.objects.get().uid}/"
    assert api_of().get("/drafts/").status_code == 401
    assert api_of(alice).get("/drafts/").status_code == 403
    assert api_of(scopes=["posts:read", "drafts:write"]).get("/drafts/").status_code == 403
    reader = api_of(scopes=["drafts:read", "posts:write"])
    assert reader.get(path).status_code == 200
    assert reader.patch(path, {"text": "x"}).status_code == 403
    assert reader.post(f"{path}posted/", {"url": URL}).status_code == 403
    assert api_of(scopes=["drafts:write"]).patch(path, {"text": "x"}).json()["edited_by"] is None


def test_drafts_are_filtered(api_of, reader, make_post, publish):
    post = publish(make_post(texts={"nl": {"title": "Meetdata"}, "en": {"title": "Readings"}}))
    publish(make_post())
    api = api_of(reader)
    assert len(api.get("/drafts/").json()["results"]) == 3
    assert len(api.get(f"/drafts/?post={post.uid}").json()["results"]) == 2
    assert len(api.get("/drafts/?language=en").json()["results"]) == 1
    assert api.get("/drafts/?state=posted").json()["results"] == []
    assert api.get("/drafts/?channel=x").status_code == 400


def test_a_longer_list_takes_no_more_queries(api_of, reader, make_post, publish, django_assert_num_queries):
    api = api_of(reader)
    publish(make_post())
    api.get("/drafts/")
    # The token, the roles, the drafts.
    with django_assert_num_queries(3):
        api.get("/drafts/")
    for _n in range(4):
        publish(make_post())
    with django_assert_num_queries(3):
        assert len(api.get("/drafts/").json()["results"]) == 5
