"""Writing posts and their versions."""

import datetime as dt

import pytest
import time_machine

from backend.http.errors import Conflict, InvalidInput, LostUpdate
from notifications.posts import content, review, writing
from notifications.posts.models import Post, PostVersion, Review

pytestmark = pytest.mark.django_db
TODAY = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def test_a_new_post_is_a_draft_with_one_version_that_nobody_approved(make_post):
    post = make_post("gig", skills=["Python", "postgres"])
    version = post.versions.get()
    assert (post.state, post.current_version, version.number, version.approved_at) == ("draft", None, 1, None)
    assert {row.skill.name for row in version.skills.all()} == {"Python", "PostgreSQL"}
    assert str(version.terms.pay_min) == "85.00"


def test_the_stored_hash_is_that_of_the_stored_text(make_post):
    post = make_post("vacancy", skills=["GZ-psycholoog", "FACT"])
    version = PostVersion.objects.get(post=post)
    assert version.sha256 == content.fingerprint(
        content.of_version(version), kind=post.kind, audience="everybody", visibility="network"
    )


def test_a_gig_paid_by_the_month_is_refused_and_nothing_is_kept(make_post):
    with pytest.raises(InvalidInput) as error:
        make_post("gig", terms={"unit": "month"})
    assert error.value.errors[0][:2] == ("terms.pay.unit", "invalid_unit")
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "at_fault"),
    [
        ("title", " \u200b\n ", "title"),
        ("title", "x" * 201, "title"),
        ("summary", "x" * 601, "summary"),
        ("apply_url", "javascript:alert(1)", "apply_url"),
        ("apply_url", "werkenbij.nl/12", "apply_url"),
    ],
)
def test_a_wrong_text_field_is_named(make_post, field, value, at_fault):
    with pytest.raises(InvalidInput) as error:
        make_post("update", texts={"nl": {"title": "Nieuw pand", "why": "Te klein.", field: value}})
    assert [item[0] for item in error.value.errors] == [f"texts.nl.{at_fault}"]


def test_line_breaks_and_invisible_characters_leave_a_title(make_post):
    post = make_post("update", texts={"nl": {"title": "Nieuw\r\nBcc: x@y.nl\x00 pand\u202e", "why": "Te klein."}})
    assert post.versions.get().texts.get().title == "Nieuw Bcc: x@y.nl pand"


def test_a_language_that_we_do_not_write_is_refused(make_post):
    with pytest.raises(InvalidInput):
        make_post("update", texts={"de": {"title": "Neu", "why": "Klein."}})


@time_machine.travel(TODAY, tick=False)
def test_a_closing_day_that_has_passed_is_refused(make_post):
    with pytest.raises(InvalidInput) as error:
        make_post(closes_on=dt.date(2026, 11, 20))
    assert error.value.field == "closes_on"


def test_a_source_gives_a_post_once(make_post):
    make_post("vacancy", source="jobs", external_id="12")
    with pytest.raises(Conflict):
        make_post("vacancy", source="jobs", external_id="12")
    make_post("vacancy", source="other", external_id="12")
    assert Post.objects.count() == 2


def test_an_edited_draft_keeps_its_number(make_post):
    post = make_post()
    updated = writing.update(post=post, texts={"nl": {"title": "Beter"}})
    version = PostVersion.objects.get(post=post)
    assert (version.number, version.texts.get().title, updated.version) == (1, "Beter", 2)
    assert version.texts.get().summary == "Er missen stukken en klokken lopen uiteen."


def test_an_edit_without_a_change_writes_nothing(make_post):
    post = make_post(skills=["Python"])
    writing.update(post=post, texts={"nl": {"title": "Meetdata op orde brengen"}}, terms={"pay_min": "85"})
    post.refresh_from_db()
    assert post.version == 1


def test_an_edit_of_an_approved_post_makes_a_version_that_needs_review(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    post = writing.update(post=post, terms={"pay_max": "99"})
    assert post.state == "draft"
    assert [(v.number, v.approved_at is None) for v in post.versions.all()] == [(2, True), (1, False)]
    assert str(post.versions.get(number=1).terms.pay_max) == "95.00"
    with pytest.raises(Conflict):
        review.publish(post=post, by=approver)


def test_a_published_post_keeps_its_approved_text_until_the_new_one_is_approved(make_post, publish, author, approver):
    post = publish(make_post())
    first = post.current_version
    post = writing.update(post=post, texts={"nl": {"title": "Nieuwe titel"}})
    assert (post.state, post.current_version) == ("published", first)
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    post.refresh_from_db()
    assert (post.state, post.current_version.number) == ("published", 2)
    assert first.texts.get().title == "Meetdata op orde brengen"


def test_an_edit_voids_the_review_that_was_asked(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    writing.update(post=post, texts={"nl": {"title": "Anders"}})
    with pytest.raises(Conflict):
        review.approve(post=post, by=approver, answers=review.CLEAR)
    post.refresh_from_db()
    assert (post.state, Review.objects.get().decision) == ("draft", "voided")


@pytest.mark.parametrize("change", [{"visibility": "public"}, {"audience": "alumni"}])
def test_who_may_see_it_is_part_of_what_was_approved(make_post, author, approver, audience_of, change):
    post = make_post()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    change = {name: audience_of(value) if name == "audience" else value for name, value in change.items()}
    assert writing.update(post=post, **change).state == "draft"
    post.refresh_from_db()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    review.publish(post=post, by=approver)
    opposite = {"visibility": "network"} if "visibility" in change else {"audience": audience_of("freelancers")}
    with pytest.raises(Conflict) as error:
        writing.update(post=post, **opposite)
    assert error.value.code == "published"


def test_a_closed_post_cannot_be_edited(make_post):
    post = review.close(post=make_post())
    with pytest.raises(Conflict):
        writing.update(post=post, texts={"nl": {"title": "Toch"}})


def test_a_lost_update_is_refused(make_post):
    post = make_post()
    writing.update(post=post, texts={"nl": {"title": "Eerst"}}, expected_version=1)
    with pytest.raises(LostUpdate):
        writing.update(post=post, texts={"nl": {"title": "Te laat"}}, expected_version=1)
    assert PostVersion.objects.get(post=post).texts.get().title == "Eerst"


def test_a_translation_comes_and_goes(make_post):
    post = make_post()
    writing.update(post=post, texts={"en": {"title": "Put data in order"}})
    assert {t.language for t in PostVersion.objects.get(post=post).texts.all()} == {"nl", "en"}
    writing.update(post=post, texts={"en": None})
    assert {t.language for t in PostVersion.objects.get(post=post).texts.all()} == {"nl"}
    with pytest.raises(InvalidInput):
        writing.update(post=post, texts={"nl": None})
