"""Posts through the API."""

import copy
import datetime as dt

import pytest

from alumni.consent.models import ConsentState
from notifications.posts import review, writing
from notifications.posts.inputs import _GIG, _UPDATE, _VACANCY
from notifications.posts.models import Post, Review

pytestmark = pytest.mark.django_db
CLEAR = {"answers": review.CLEAR}
GIG, VACANCY, UPDATE = _GIG, _VACANCY, _UPDATE  # the examples of the documentation: they work when pasted


def _changed(body, path, value):
    """A copy in which the value at a dotted path is another; None takes it away."""
    body = copy.deepcopy(body)
    *parents, last = path.split(".")
    inner = body
    for name in parents:
        inner = inner[name]
    if value is None:
        inner.pop(last)
    else:
        inner[last] = value
    return body


def _errors(response):
    return {item["field"]: item["code"] for item in response.json()["errors"]}


@pytest.mark.parametrize(("path", "body"), [("/gigs/", GIG), ("/vacancies/", VACANCY), ("/updates/", UPDATE)])
def test_what_is_written_is_read_back(api_of, author, path, body):
    api = api_of(author)
    made = api.post(path, body)
    assert made.status_code == 201, made.content
    shown = api.get(f"{path}{made.json()['id']}/")
    assert shown.json() == made.json()
    assert shown["ETag"] == made["ETag"]
    pending = made.json()["pending"]
    assert made.json()["current"] is None
    assert {language: text["title"] for language, text in pending["texts"].items()} == {
        language: text["title"] for language, text in body["texts"].items()
    }
    if "terms" in body:
        assert body["terms"].items() <= pending["terms"].items()
    assert [s["name"] for s in pending["skills"]] == [s["name"] for s in body.get("skills", [])]
    assert made.json()["author"] == "Marieke de Boer"


def test_a_gig_without_a_rate_is_told_how_to_mend_it(api_of, author):
    answer = api_of(author).post("/gigs/", _changed(GIG, "terms.pay", None))
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert _errors(answer) == {"terms.pay": "required"}
    assert _errors(api_of(author).post("/gigs/", _changed(GIG, "terms", None))) == {"terms": "required"}
    assert not Post.objects.exists()


@pytest.mark.parametrize("word", ["salary", "contract", "holidays"])
def test_a_gig_has_no_words_of_a_job(api_of, author, word):
    answer = api_of(author).post("/gigs/", _changed(GIG, f"terms.{word}", "3000"))
    assert _errors(answer) == {f"terms.{word}": "job_word"}


@pytest.mark.parametrize(
    ("path", "body", "at", "value", "field", "code"),
    [
        ("/gigs/", GIG, "terms.pay.unit", "month", "terms.pay.unit", "invalid_choice"),
        ("/gigs/", GIG, "terms.pay.max", "80.00", "terms.pay.max", "order"),
        ("/gigs/", GIG, "terms.pay.currency", None, None, None),
        ("/gigs/", GIG, "terms.hours_max", 12, "terms.hours_max", "order"),
        ("/gigs/", GIG, "terms.end", "2026-12-01", "terms.end", "order"),
        ("/gigs/", GIG, "texts.nl.title", "Klus\r\nBcc: x@y.nl", "texts.nl.title", "control_character"),
        ("/gigs/", GIG, "texts.nl.title", "x" * 201, "texts.nl.title", "max_length"),
        ("/gigs/", GIG, "texts.nl.apply_url", "ftp://files.example/1", "texts.nl.apply_url", "invalid_url"),
        ("/gigs/", GIG, "texts.de", {"title": "Auftrag"}, "texts.de", "unknown_field"),
        ("/gigs/", GIG, "texts", {}, "texts", "required"),
        ("/gigs/", GIG, "texts.nl", None, "texts", "required"),
        ("/gigs/", GIG, "audience", "bosses", "audience", "does_not_exist"),
        ("/gigs/", GIG, "closes_on", "2020-01-01", "closes_on", "past"),
        ("/gigs/", GIG, "closes_on", "2026-02-30", "closes_on", "invalid"),
        ("/gigs/", GIG, "skills", ["Python"], "skills.0", "invalid"),
        ("/gigs/", GIG, "skills", [{"required": True}], "skills.0.name", "required"),
        ("/gigs/", GIG, "skills", [{"name": "x"}] * 31, "skills", "max_length"),
        ("/gigs/", GIG, "colour", "red", "colour", "unknown_field"),
        ("/gigs/", GIG, "external_id", "12", "external_id", "invalid"),
        ("/vacancies/", VACANCY, "terms.pay.unit", "day", "terms.pay.unit", "invalid_choice"),
        ("/vacancies/", VACANCY, "terms.pay", None, "terms.pay", "required"),
        ("/updates/", UPDATE, "terms", {"place": "Utrecht"}, "terms", "unknown_field"),
        ("/updates/", UPDATE, "texts.nl.why", None, "texts.nl.why", "required"),
    ],
)
def test_each_mistake_is_named(api_of, author, path, body, at, value, field, code):
    answer = api_of(author).post(path, _changed(body, at, value))
    if field is None:
        assert answer.status_code == 201
        return
    fields = _errors(answer)
    assert answer.status_code == 400
    assert next(fields[name] for name in fields if name == field or name.startswith(f"{field}.")) == code
    assert not Post.objects.exists()


def test_a_second_post_of_the_same_source_is_a_conflict(api_of, author):
    body = {**VACANCY, "source": "jobs", "external_id": "12"}
    assert api_of(author).post("/vacancies/", body).status_code == 201
    assert api_of(author).post("/vacancies/", body).status_code == 409
    assert Post.objects.count() == 1


def test_the_same_idempotency_key_makes_one_post(api_of, author):
    api = api_of(author)
    first = api.post("/gigs/", GIG, headers={"Idempotency-Key": "k1"})
    second = api.post("/gigs/", GIG, headers={"Idempotency-Key": "k1"})
    assert first.json()["id"] == second.json()["id"]
    assert Post.objects.count() == 1


def test_a_patch_changes_what_it_names(api_of, author):
    api = api_of(author)
    gig = api.post("/gigs/", GIG).json()
    pay = {"min": "90.00", "max": "99.00", "unit": "hour"}
    answer = api.patch(f"/gigs/{gig['id']}/", {"terms": {"pay": pay}, "texts": {"nl": {"summary": "Korter."}}})
    assert answer.status_code == 200, answer.content
    pending = answer.json()["pending"]
    assert pending["terms"] == {**gig["pending"]["terms"], "pay": {**pay, "currency": "EUR"}}
    assert pending["texts"]["nl"] == {**gig["pending"]["texts"]["nl"], "summary": "Korter."}
    assert pending["skills"] == gig["pending"]["skills"]


def test_half_a_rate_in_a_patch_is_refused(api_of, author):
    api = api_of(author)
    gig = api.post("/gigs/", GIG).json()
    answer = api.patch(f"/gigs/{gig['id']}/", {"terms": {"pay": {"min": "90.00"}}})
    assert _errors(answer) == {"terms.pay.max": "required", "terms.pay.unit": "required"}


def test_a_translation_is_added_and_taken_away_by_patch(api_of, author):
    api = api_of(author)
    path = f"/gigs/{api.post('/gigs/', GIG).json()['id']}/"
    both = api.patch(path, {"texts": {"en": {"title": "Put the data in order"}}}).json()
    assert set(both["pending"]["texts"]) == {"nl", "en"}
    one = api.patch(path, {"texts": {"en": None}}).json()
    assert set(one["pending"]["texts"]) == {"nl"}
    assert _errors(api.patch(path, {"texts": {"en": {"summary": "No title"}}})) == {"texts.en.title": "required"}


def test_a_patch_of_what_changed_meanwhile_is_refused(api_of, author):
    api = api_of(author)
    made = api.post("/gigs/", GIG)
    path = f"/gigs/{made.json()['id']}/"
    first = api.patch(path, {"closes_on": "2027-12-05"}, headers={"If-Match": made["ETag"]})
    second = api.patch(path, {"closes_on": "2027-12-06"}, headers={"If-Match": made["ETag"]})
    assert (first.status_code, second.status_code) == (200, 412)
    assert Post.objects.get().closes_on == dt.date(2027, 12, 5)


def test_an_unchanged_post_is_not_sent_again(api_of, author, make_post):
    path = f"/posts/{make_post().uid}/"
    api = api_of(author)
    etag = api.get(path)["ETag"]
    assert api.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_a_gig_is_no_vacancy(api_of, author, make_post):
    gig = make_post("gig")
    api = api_of(author)
    assert api.get(f"/vacancies/{gig.uid}/").status_code == 404
    assert api.patch(f"/vacancies/{gig.uid}/", {"visibility": "public"}).status_code == 404
    assert api.get("/vacancies/").json()["results"] == []
    assert api.get(f"/posts/{gig.uid}/").json()["kind"] == "gig"


def test_from_draft_to_published_and_closed_by_two_people(api_of, author, approver):
    writer, second = api_of(author), api_of(approver)
    path = f"/posts/{writer.post('/gigs/', GIG).json()['id']}/"
    assert writer.post(f"{path}submit/").json()["state"] == "in_review"
    approved = second.post(f"{path}approve/", CLEAR).json()
    assert (approved["state"], approved["pending"], approved["current"]["review"]["decided_by"]) == (
        "approved",
        None,
        "Joost Hendriks",
    )
    published = second.post(f"{path}publish/").json()
    assert published["state"] == "published"
    assert published["published_at"].endswith("Z")
    closed = second.post(f"{path}close/")
    again = second.post(f"{path}close/")
    assert closed.json()["state"] == "closed"
    assert again.json()["closed_at"] == closed.json()["closed_at"]


def test_sending_back_shows_the_author_why(api_of, author, approver, make_post):
    post = make_post()
    api_of(author).post(f"/posts/{post.uid}/submit/")
    answer = api_of(approver).post(
        f"/posts/{post.uid}/approve/", {"decision": "sent_back", "remark": "Noem het resultaat."}
    )
    assert answer.json()["state"] == "draft"
    shown = api_of(author).get(f"/gigs/{post.uid}/").json()["pending"]["review"]
    assert (shown["decision"], shown["remark"]) == ("sent_back", "Noem het resultaat.")


def test_the_text_of_a_published_post_stays_while_a_new_one_is_reviewed(api_of, author, make_post, publish):
    post = publish(make_post())
    changed = api_of(author).patch(f"/gigs/{post.uid}/", {"texts": {"nl": {"title": "Nieuwe titel"}}}).json()
    assert changed["state"] == "published"
    assert changed["current"]["texts"]["nl"]["title"] == "Meetdata op orde brengen"
    assert changed["pending"]["texts"]["nl"]["title"] == "Nieuwe titel"


def test_approving_ones_own_post_is_refused(api_of, approver, make_post):
    post = make_post(author=approver)
    api = api_of(approver)
    api.post(f"/posts/{post.uid}/submit/")
    answer = api.post(f"/posts/{post.uid}/approve/", CLEAR)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_post")
    assert Post.objects.get().state == "in_review"


def test_an_approval_without_answers_names_the_questions(api_of, author, approver, make_post):
    post = make_post()
    api_of(author).post(f"/posts/{post.uid}/submit/")
    answer = api_of(approver).post(f"/posts/{post.uid}/approve/")
    assert answer.status_code == 400
    assert set(_errors(answer)) == {f"answers.{key}" for key in review.CLEAR}


@pytest.mark.parametrize("step", ["submit", "approve"])
def test_a_program_can_not_do_what_needs_a_person(api_of, author, make_post, step):
    post = make_post()
    if step == "approve":
        review.submit(post=post, by=author)
    api = api_of(scopes=["posts:read", "posts:write", "posts:publish"])
    answer = api.post(f"/posts/{post.uid}/{step}/", CLEAR if step == "approve" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")
    assert Review.objects.filter(decision="approved").count() == 0


def test_a_program_publishes_what_two_people_stand_behind(api_of, author, approver, make_post):
    post = make_post()
    program = api_of(scopes=["posts:publish"])
    assert program.post(f"/posts/{post.uid}/publish/").status_code == 409
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    assert program.post(f"/posts/{post.uid}/publish/").json()["state"] == "published"


def test_a_decision_on_a_text_that_was_not_the_one_seen_is_refused(api_of, author, approver, make_post):
    post = make_post()
    review.submit(post=post, by=author)
    seen = api_of(approver).get(f"/posts/{post.uid}/")["ETag"]
    writing.update(post=post, texts={"nl": {"title": "Stiekem anders"}})
    review.submit(post=post, by=author)
    answer = api_of(approver).post(f"/posts/{post.uid}/approve/", CLEAR, headers={"If-Match": seen})
    assert answer.status_code == 412
    assert Post.objects.get().state == "in_review"


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("get", "/posts/", "posts:read"),
        ("get", "/gigs/", "posts:read"),
        ("get", "/posts/{id}/", "posts:read"),
        ("get", "/posts/{id}/audience/", "posts:read"),
        ("post", "/gigs/", "posts:write"),
        ("patch", "/gigs/{id}/", "posts:write"),
        ("post", "/posts/{id}/publish/", "posts:publish"),
        ("post", "/posts/{id}/close/", "posts:publish"),
    ],
)
def test_each_call_needs_its_scope(api_of, make_post, alice, method, path, needs):
    post = make_post()
    others = [scope for scope in ("posts:read", "posts:write", "posts:publish", "drafts:write") if scope != needs]
    path = path.format(id=post.uid)
    arguments = ({},) if method == "patch" else ()
    assert getattr(api_of(), method)(path, *arguments).status_code == 401
    for api in (api_of(scopes=others), api_of(alice)):
        assert getattr(api, method)(path, *arguments).status_code == 403
    assert Post.objects.get().state == "draft"


def test_lists_are_filtered(api_of, reader, make_post, publish):
    gig = publish(make_post("gig", closes_on=dt.date(2030, 1, 1), audience="freelancers"))
    vacancy = make_post("vacancy", title="Beheerder gemalen", source="jobs", external_id="12")
    api = api_of(reader)

    def found(query):
        return [post["id"] for post in api.get(f"/posts/?{query}").json()["results"]]

    assert found("") == [str(vacancy.uid), str(gig.uid)]
    assert found("kind=gig") == found("state=published") == found("audience=freelancers") == [str(gig.uid)]
    assert found("closes_before=2030-01-02") == [str(gig.uid)]
    assert found("closes_before=2030-01-01") == []
    assert found("source=jobs") == found("q=gemalen") == [str(vacancy.uid)]
    assert found("q=stukken") == [str(vacancy.uid), str(gig.uid)]
    assert found("updated_since=2999-01-01T00:00:00Z") == []
    assert api.get("/posts/?colour=red").status_code == 400
    assert api.get("/posts/?state=lost").status_code == 400


def test_words_of_an_older_version_are_not_found(api_of, reader, author, approver, make_post, publish):
    post = publish(make_post(title="Oude woorden"))
    writing.update(post=post, texts={"nl": {"title": "Nieuwe woorden"}})
    api = api_of(reader)
    assert len(api.get("/posts/?q=oude").json()["results"]) == 1
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    assert api.get("/posts/?q=oude").json()["results"] == []
    assert len(api.get("/posts/?q=nieuwe").json()["results"]) == 1


def test_a_longer_list_takes_no_more_queries(api_of, reader, make_post, publish, django_assert_num_queries):
    def two_more():
        published = publish(make_post(skills=["Python", "SQL"], texts={"nl": {"title": "A"}, "en": {"title": "B"}}))
        writing.update(post=published, texts={"nl": {"title": "Anders"}})
        make_post("vacancy", skills=["Java"])

    api = api_of(reader)
    two_more()
    # Token, roles, day of last use; posts; current versions, their texts, skills, reviews; open versions, and theirs.
    api.get("/posts/")
    with django_assert_num_queries(11):
        assert len(api.get("/posts/").json()["results"]) == 2
    for _n in range(4):
        two_more()
    with django_assert_num_queries(11):
        assert len(api.get("/posts/").json()["results"]) == 10


def test_who_is_reached_is_counted_by_reason(api_of, author, alice, bob, carol, make_post):
    ConsentState.objects.filter(member=alice, purpose="gigs").update(state="withdrawn")
    post = make_post("gig")
    answer = api_of(author).get(f"/posts/{post.uid}/audience/")
    assert answer.json() == {"total": 3, "reached": 1, "reasons": {"withdrawn": 1, "refused": 1}}


def test_who_changes_a_gig_by_the_api_does_not_approve_it(make_post, author, administrator, approver, api_of):
    post = make_post()
    assert api_of(approver).patch(f"/gigs/{post.uid}/", {"texts": {"nl": {"title": "Van Joost"}}}).status_code == 200
    assert api_of(author).post(f"/posts/{post.uid}/submit/").status_code == 200
    answer = api_of(approver).post(f"/posts/{post.uid}/approve/", {"answers": dict(review.CLEAR)})
    assert (answer.status_code, answer.json()["code"]) == (403, "own_post")
    answer = api_of(administrator).post(f"/posts/{post.uid}/approve/", {"answers": dict(review.CLEAR)})
    assert answer.status_code == 200
