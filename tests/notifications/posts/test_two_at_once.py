"""Two people who act in the same instant."""

import threading

import pytest
from django.db import connection

from backend.http.errors import KringError
from notifications.posts import review, writing
from notifications.posts.models import Post, Review


def _at_once(*acts):
    """Run each in a thread of its own, all let go together; what each raised, or None."""
    gate = threading.Barrier(len(acts))
    raised = [None] * len(acts)

    def run(i):
        gate.wait()
        try:
            acts[i]()
        except KringError as error:
            raised[i] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_one_counts(make_post, author, approver, administrator):
    post = make_post()
    review.submit(post=post, by=author)
    raised = _at_once(
        lambda: review.approve(post=post, by=approver, answers=review.CLEAR),
        lambda: review.approve(post=post, by=administrator, answers=review.CLEAR),
    )
    assert sorted(error is None for error in raised) == [False, True]
    assert Review.objects.filter(decision="approved").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_edit_beside_an_approval_never_slips_through(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    approved, edited = _at_once(
        lambda: review.approve(post=post, by=approver, answers=review.CLEAR),
        lambda: writing.update(post=post, texts={"nl": {"title": "Stiekem"}}),
    )
    post = Post.objects.get()
    assert edited is None
    assert post.state == "draft"
    if approved is None:  # the approval came first: it stands for the old text only
        assert post.current_version.texts.get().title == "Meetdata op orde brengen"
    else:
        assert post.current_version is None
    assert post.versions.get(approved_at=None).texts.get().title == "Stiekem"


@pytest.mark.django_db(transaction=True)
def test_closing_beside_publishing_ends_closed(make_post, author, approver):
    post = make_post()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    _at_once(lambda: review.publish(post=post, by=approver), lambda: review.close(post=post))
    assert Post.objects.get().state == "closed"
