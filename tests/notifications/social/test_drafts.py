"""Drafts are made, edited, posted and withdrawn."""

import pytest

from backend.http.errors import Conflict, InvalidInput, LostUpdate
from notifications.posts import review, writing
from notifications.social import drafts
from notifications.social.channels import RULES, length, limits
from notifications.social.models import Channel, Draft

pytestmark = pytest.mark.django_db
URL = "https://www.linkedin.com/feed/update/urn:li:activity:7265012345678901234/"


@pytest.fixture
def edit_and_publish(author, approver):
    """A new approved text of a published post."""

    def go(post, **texts):
        writing.update(post=post, texts=texts)
        review.submit(post=post, by=author)
        review.approve(post=post, by=approver, answers=review.CLEAR)
        post.refresh_from_db()
        return post

    return go


def _states(post):
    return {(d.language, d.post_version.number, d.variant): d.state for d in Draft.objects.filter(post=post)}


def test_publishing_makes_a_draft_in_each_language(make_post, publish):
    post = make_post(texts={"nl": {"title": "Meetdata"}, "en": {"title": "Readings"}}, visibility="public")
    assert not Draft.objects.exists()
    publish(post)
    assert _states(post) == {("nl", 1, 1): "ready", ("en", 1, 1): "ready"}
    for draft in Draft.objects.all():
        assert draft.length == length(draft.text) <= limits(draft.channel).max_length
        assert f"/p/{post.slug}" in draft.text


def test_publishing_twice_makes_no_second_draft(make_post, publish):
    post = publish(make_post())
    before = Draft.objects.get()
    drafts.make(post)
    after = Draft.objects.get()
    assert (before.pk, before.version, before.text) == (after.pk, after.version, after.text)


def test_a_post_for_the_network_sends_readers_to_the_page_where_one_joins(make_post, publish):
    post = publish(make_post(texts={"nl": {"title": "Meetdata", "apply_url": "https://intern.maasveld.example/1"}}))
    text = Draft.objects.get(post=post).text
    assert "/join/" in text
    assert "intern.maasveld.example" not in text
    assert post.slug not in text


def test_a_public_post_links_to_where_one_responds(make_post, publish):
    url = "https://werkenbij.maasveld.example/12"
    publish(make_post("vacancy", texts={"nl": {"title": "Beheerder", "apply_url": url}}, visibility="public"))
    assert url in Draft.objects.get().text


def test_a_new_text_writes_an_untouched_draft_anew(make_post, publish, edit_and_publish):
    post = publish(make_post())
    before = Draft.objects.get()
    edit_and_publish(post, nl={"title": "Andere titel"})
    after = Draft.objects.get()
    assert (after.pk, after.post_version.number, after.state) == (before.pk, 2, "ready")
    assert "Andere titel" in after.text
    assert after.version == before.version + 1


def test_a_new_text_keeps_what_somebody_edited_beside_the_new_draft(make_post, publish, edit_and_publish, author):
    post = publish(make_post())
    drafts.edit(draft=Draft.objects.get(), text="Met de hand.", by=author)
    edit_and_publish(post, nl={"title": "Andere titel"})
    assert _states(post) == {("nl", 1, 1): "stale", ("nl", 2, 1): "ready"}
    assert Draft.objects.get(state="stale").text == "Met de hand."


def test_a_program_edits_a_draft_too(make_post, publish, edit_and_publish):
    post = publish(make_post())
    drafts.edit(draft=Draft.objects.get(), text="Door een programma.", by=None)
    edit_and_publish(post, nl={"title": "Andere titel"})
    assert Draft.objects.get(state="stale").text == "Door een programma."


def test_what_was_posted_stays_as_it_was(make_post, publish, edit_and_publish, author):
    post = publish(make_post())
    posted = drafts.mark_posted(draft=Draft.objects.get(), url=URL, by=author)
    edit_and_publish(post, nl={"title": "Andere titel"})
    assert _states(post) == {("nl", 1, 1): "posted", ("nl", 2, 1): "ready"}
    posted.refresh_from_db()
    assert "Meetdata op orde brengen" in posted.text


def test_a_language_that_went_takes_its_draft_along(make_post, publish, edit_and_publish):
    post = publish(make_post(texts={"nl": {"title": "Meetdata"}, "en": {"title": "Readings"}}))
    edit_and_publish(post, en=None)
    assert _states(post) == {("nl", 2, 1): "ready", ("en", 1, 1): "withdrawn"}


def test_closing_withdraws_what_was_not_posted(make_post, publish, author):
    post = publish(make_post(texts={"nl": {"title": "Meetdata"}, "en": {"title": "Readings"}}))
    drafts.mark_posted(draft=Draft.objects.get(language="nl"), url=URL, by=author)
    assert drafts.closing_note(Draft.objects.get(language="nl")) == ""
    review.close(post=post)
    assert _states(post) == {("nl", 1, 1): "posted", ("en", 1, 1): "withdrawn"}
    assert drafts.closing_note(Draft.objects.get(language="nl")) == (
        "Deze klus is gesloten. Werk je bericht in de groep bij: Deze klus is gesloten. Reageren kan niet meer."
    )
    assert drafts.closing_note(Draft.objects.get(language="en")) == ""
    with pytest.raises(Conflict):
        drafts.edit(draft=Draft.objects.get(language="en"), text="Too late", by=author)
    with pytest.raises(Conflict):
        drafts.mark_posted(draft=Draft.objects.get(language="en"), url=URL, by=author)


def test_closing_a_post_that_was_never_published_touches_no_draft(make_post, publish):
    other = publish(make_post())
    review.close(post=make_post())
    assert _states(other) == {("nl", 1, 1): "ready"}


def test_where_it_was_posted_is_kept(make_post, publish, author):
    publish(make_post())
    draft = drafts.mark_posted(draft=Draft.objects.get(), url=f" {URL} ", by=author)
    again = drafts.mark_posted(draft=draft, url=URL, by=None)
    assert (again.posted_url, again.posted_by, again.posted_at) == (URL, author, draft.posted_at)
    assert again.state == "posted"
    with pytest.raises(Conflict):
        drafts.mark_posted(draft=draft, url=URL + "?other", by=author)
    with pytest.raises(Conflict):
        drafts.edit(draft=draft, text="Anders", by=author)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://www.linkedin.com/feed/update/1/",
        "https://www.linkedin.com/",
        "https://linkedin.com.evil.example/feed/1",
        "https://evillinkedin.com/feed/1",
        "https://www.linkedin.com@evil.example/feed/1",
        "https://www.linkedin.com:8443/feed/1",
        "javascript:alert(1)//linkedin.com/x",
        "https://www.facebook.com/groups/1",
        "https://www.linkedin.com/feed/ 1",
        "https://www.linkedin.com/feed/\n1",
        "https://[::1/feed",
        "https://www.linkedin.com/" + "x" * 500,
    ],
)
def test_only_a_link_on_the_channels_own_site_is_taken(make_post, publish, author, url):
    publish(make_post())
    with pytest.raises(InvalidInput):
        drafts.mark_posted(draft=Draft.objects.get(), url=url, by=author)
    assert Draft.objects.get().state == "ready"


def test_too_long_a_text_says_by_how_much(make_post, publish, author):
    publish(make_post())
    draft = Draft.objects.get()
    assert drafts.edit(draft=draft, text="x" * 2998 + "🙂", by=author).length == 3000
    with pytest.raises(InvalidInput) as error:
        drafts.edit(draft=draft, text="x" * 2999 + "🙂🙂", by=author)
    assert "3 tekens te lang" in error.value.message
    with pytest.raises(InvalidInput):
        drafts.edit(draft=draft, text=" \n ", by=author)
    assert Draft.objects.get().length == 3000


def test_two_people_do_not_overwrite_each_other(make_post, publish, author):
    publish(make_post())
    draft = Draft.objects.get()
    drafts.edit(draft=draft, text="Eerst", by=author, expected_version=draft.version)
    with pytest.raises(LostUpdate):
        drafts.edit(draft=draft, text="Te laat", by=author, expected_version=draft.version)
    assert Draft.objects.get().text == "Eerst"


def test_every_limit_has_a_source_and_a_day():
    assert {rule.channel for rule in RULES} == set(Channel.values)
    for rule in RULES:
        assert rule.source
        assert rule.mark in {"V", "S", "?"}
        assert rule.verified_on.year >= 2026
    for channel in Channel.values:
        assert limits(channel).fold < limits(channel).max_length
