"""By two people, never skipping a step."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.http.errors import Conflict, InvalidInput, NotAllowed
from notifications.posts import review, tasks, writing
from notifications.posts.models import Post, Review
from notifications.posts.signals import post_closed, post_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What the room announced: [(signal, post id)]."""
    news = []

    def on_published(post_id, **_kwargs):
        news.append(("published", post_id))

    def on_closed(post_id, **_kwargs):
        news.append(("closed", post_id))

    post_published.connect(on_published)
    post_closed.connect(on_closed)
    yield news
    post_published.disconnect(on_published)
    post_closed.disconnect(on_closed)


def _to(state, post, author, approver):
    if state in {"in_review", "approved", "published"}:
        review.submit(post=post, by=author)
    if state in {"approved", "published"}:
        review.approve(post=post, by=approver, answers=review.CLEAR)
    if state == "published":
        review.publish(post=post, by=approver)
    if state == "closed":
        review.close(post=post)


ALLOWED = {
    ("draft", "submit"): "in_review",
    ("in_review", "approve"): "approved",
    ("in_review", "send_back"): "draft",
    ("approved", "publish"): "published",
    ("published", "publish"): "published",
    ("draft", "close"): "closed",
    ("in_review", "close"): "closed",
    ("approved", "close"): "closed",
    ("published", "close"): "closed",
    ("closed", "close"): "closed",
}
STATES = ["draft", "in_review", "approved", "published", "closed"]
STEPS = ["submit", "approve", "send_back", "publish", "close"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_each_state_allows_only_its_next_steps(make_post, author, approver, state, step):
    post = make_post()
    _to(state, post, author, approver)
    steps = {
        "submit": lambda: review.submit(post=post, by=author),
        "approve": lambda: review.approve(post=post, by=approver, answers=review.CLEAR),
        "send_back": lambda: review.send_back(post=post, by=approver, remark="Noem het resultaat."),
        "publish": lambda: review.publish(post=post, by=approver),
        "close": lambda: review.close(post=post, by=approver),
    }
    if (state, step) in ALLOWED:
        steps[step]()
    else:
        with pytest.raises(Conflict):
            steps[step]()
    post.refresh_from_db()
    assert post.state == ALLOWED.get((state, step), state)


def test_what_was_decided_by_whom_and_when_is_kept(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers={**review.CLEAR, "secrets": "doubt"}, remark="De klant is gevraagd.")
    kept = Review.objects.get()
    assert (kept.submitted_by, kept.decided_by, kept.decision) == (author, approver, "approved")
    assert (kept.answers["secrets"], kept.remark) == ("doubt", "De klant is gevraagd.")
    assert kept.text_sha256 == post.versions.get().sha256
    assert kept.decided_at >= kept.submitted_at


def test_nobody_approves_what_they_submitted(make_post, approver):
    post = make_post()
    review.submit(post=post, by=approver)
    with pytest.raises(NotAllowed) as error:
        review.approve(post=post, by=approver, answers=review.CLEAR)
    post.refresh_from_db()
    assert (error.value.code, post.state) == ("own_post", "in_review")


def test_nobody_approves_what_they_wrote_though_another_submitted_it(make_post, author, approver):
    post = make_post(author=approver)
    review.submit(post=post, by=author)
    with pytest.raises(NotAllowed):
        review.approve(post=post, by=approver, answers=review.CLEAR)


def _row(post, **fields):
    return Review(post_version=post.versions.get(), submitted_at=timezone.now(), text_sha256="0" * 64, **fields)


def test_nobody_approves_words_of_theirs_in_another_persons_post(make_post, author, approver, administrator):
    post = make_post()
    writing.update(post=post, texts={"nl": {"title": "Woorden van Joost"}}, by=approver)
    writing.update(post=post, texts={"nl": {"summary": "En een van Marieke"}}, by=author)
    review.submit(post=post, by=author)
    with pytest.raises(NotAllowed) as error:
        review.approve(post=post, by=approver, answers=review.CLEAR)
    assert error.value.code == "own_post"
    review.approve(post=post, by=administrator, answers=review.CLEAR)

    # Approved words are somebody else's business no longer: the next version starts anew.
    writing.update(post=post, texts={"nl": {"title": "Weer van Marieke"}}, by=author)
    review.submit(post=post, by=author)
    assert review.approve(post=post, by=approver, answers=review.CLEAR).decided_by == approver


def test_the_database_refuses_a_review_by_one_person(make_post, author):
    post = make_post()
    now = timezone.now()
    one = {"submitted_by": author, "submitter_uid": author.uid, "decision": "approved", "decided_at": now}
    with pytest.raises(IntegrityError), transaction.atomic():
        _row(post, **one, decided_by=author, decider_uid=author.uid).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        _row(post, **{**one, "submitted_by": None}, decided_by=author, decider_uid=author.uid).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        _row(post, **{**one, "submitter_uid": None}, decided_by=author, decider_uid=author.uid).save()


def test_the_database_refuses_an_approval_by_nobody(make_post, author):
    post = make_post()
    for nobody in ({"decided_at": timezone.now()}, {"decider_uid": uuid.uuid4()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            _row(post, submitted_by=author, submitter_uid=author.uid, decision="approved", **nobody).save()


def test_a_review_stays_provable_when_its_people_are_gone(make_post, publish, author, approver):
    post = publish(make_post())
    uids = (author.uid, approver.uid)
    author.delete()
    approver.delete()
    kept = Review.objects.get()
    assert (kept.submitted_by, kept.decided_by) == (None, None)
    assert (kept.submitter_uid, kept.decider_uid) == uids
    assert Post.objects.get(pk=post.pk).state == "published"


@pytest.mark.parametrize(
    ("answers", "remark", "field"),
    [
        ({}, "", "answers.newspaper"),
        ({**review.CLEAR, "right": "maybe"}, "", "answers.right"),
        ({**review.CLEAR, "secrets": "no"}, "Toch maar.", "answers.secrets"),
        ({**review.CLEAR, "ask_first": "yes"}, "Joost.", "answers.ask_first"),
        ({**review.CLEAR, "respectful": "doubt"}, "  ", "remark"),
        ({**review.CLEAR, "cheap": "yes"}, "", "answers.cheap"),
    ],
)
def test_without_the_five_answers_it_is_not_approved(make_post, author, approver, answers, remark, field):
    post = make_post()
    review.submit(post=post, by=author)
    with pytest.raises(InvalidInput) as error:
        review.approve(post=post, by=approver, answers=answers, remark=remark)
    post.refresh_from_db()
    assert (error.value.errors[0][0], post.state, Review.objects.get().decision) == (field, "in_review", "")


def test_sending_back_wants_a_remark(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    with pytest.raises(InvalidInput):
        review.send_back(post=post, by=approver, remark=" ")
    assert Review.objects.get().decision == ""


@pytest.mark.parametrize("who", ["author", "reader", "privacy_officer"])
def test_only_who_may_publish_approves(make_post, author, who, request):
    post = make_post()
    review.submit(post=post, by=author)
    with pytest.raises(NotAllowed):
        review.approve(post=post, by=request.getfixturevalue(who), answers=review.CLEAR)


def test_a_reader_submits_nothing(make_post, reader):
    with pytest.raises(NotAllowed):
        review.submit(post=make_post(), by=reader)
    assert not Review.objects.exists()


def test_a_vacancy_without_pay_is_not_reviewed(make_post, author):
    post = make_post("vacancy")
    writing.update(post=post, terms=None)
    with pytest.raises(InvalidInput) as error:
        review.submit(post=post, by=author)
    assert error.value.errors[0][0] == "terms.pay"


def test_an_update_says_why(make_post, author):
    post = make_post("update", texts={"nl": {"title": "Nieuw pand"}})
    with pytest.raises(InvalidInput) as error:
        review.submit(post=post, by=author)
    assert error.value.errors[0][0] == "texts.nl.why"


def test_what_was_approved_too_long_ago_is_not_published(make_post, author, approver):
    with time_machine.travel(dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)):
        post = make_post(closes_on=dt.date(2026, 11, 30))
        _to("approved", post, author, approver)
    with time_machine.travel(dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC)), pytest.raises(InvalidInput):
        review.publish(post=post, by=approver)
    post.refresh_from_db()
    assert post.state == "approved"


def test_publishing_and_closing_are_announced_once(make_post, publish, heard):
    post = publish(make_post())
    review.publish(post=post)
    review.close(post=post)
    closed_at = Post.objects.get().closed_at
    review.close(post=post)
    assert heard == [("published", post.pk), ("closed", post.pk)]
    assert Post.objects.get().closed_at == closed_at


def test_an_approved_edit_of_a_published_post_is_announced(make_post, publish, author, approver, heard):
    post = publish(make_post())
    writing.update(post=post, texts={"nl": {"title": "Anders"}})
    review.submit(post=post, by=author)
    assert len(heard) == 1
    review.approve(post=post, by=approver, answers=review.CLEAR)
    assert heard == [("published", post.pk)] * 2


def test_closing_a_draft_is_nobodys_news_and_voids_its_review(make_post, author, heard):
    post = make_post()
    review.submit(post=post, by=author)
    review.close(post=post)
    assert (heard, Review.objects.get().decision) == ([], "voided")


def test_posts_close_the_day_after_their_last_day(make_post, publish, heard):
    with time_machine.travel(dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)) as clock:
        last_day = publish(make_post(closes_on=dt.date(2026, 11, 30)))
        lasting = publish(make_post())
        clock.move_to(dt.datetime(2026, 11, 30, 22, 30, tzinfo=dt.UTC))
        tasks.close_due()
        assert Post.objects.filter(state="published").count() == 2
        clock.move_to(dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.UTC))  # December in Amsterdam
        assert list(Post.objects.published()) == [lasting]
        tasks.close_due()
    assert list(Post.objects.filter(state="closed")) == [last_day]
    assert heard[-1] == ("closed", last_day.pk)
