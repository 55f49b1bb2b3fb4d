"""What posts and drafts hold on a person, and how it goes."""

import pytest

from notifications.posts import personal_data as of_posts
from notifications.posts.models import Post, Review, WorkTerms
from notifications.social import drafts
from notifications.social import personal_data as of_drafts
from notifications.social.models import Draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(make_member, approver):
    """A member who also works in the back office."""
    member = make_member("Joost", email="joost@thuis.example")
    member.user = approver
    member.save()
    return member


def test_a_member_sees_what_they_did_in_the_back_office(make_post, publish, colleague, alice):
    post = publish(make_post(terms={"contact_name": "Joost", "contact_email": "Joost@thuis.example"}))
    drafts.edit(draft=Draft.objects.get(), text="Anders", by=colleague.user)
    shown = of_posts.export(colleague)
    assert [review["decision"] for review in shown["decided"]] == ["approved"]
    assert shown["contact_of"] == [post.slug]
    assert of_drafts.export(colleague)["drafts"][0]["post"] == post.slug
    assert of_posts.export(alice) == {"written": [], "submitted": [], "decided": [], "contact_of": []}
    assert of_drafts.export(alice) == {"drafts": []}


def test_erasure_takes_the_person_out_and_leaves_the_post(make_post, publish, colleague, author):
    post = publish(make_post(terms={"contact_name": "Joost", "contact_email": "joost@thuis.example"}))
    other = publish(make_post(terms={"contact_name": "Marieke", "contact_email": "m@maasveld.example"}))
    drafts.edit(draft=Draft.objects.get(post=post), text="Anders", by=colleague.user)
    for _again in range(2):
        of_drafts.erase(colleague)
        of_posts.erase(colleague)
    assert not Review.objects.filter(decided_by=colleague.user).exists()
    assert not Draft.objects.filter(edited_by=colleague.user).exists()
    assert WorkTerms.objects.get(version__post=post).contact_email == ""
    assert WorkTerms.objects.get(version__post=other).contact_email == "m@maasveld.example"
    assert set(Review.objects.values_list("submitted_by", flat=True)) == {author.pk}
    assert Post.objects.filter(state="published").count() == 2
