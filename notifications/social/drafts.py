"""Drafts: made when a post is published, edited and posted by people, withdrawn when it closes.

No program can post in a LinkedIn group, so a person copies the text, posts it, and tells where.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation
from backend.http.errors import Conflict, InvalidInput, LostUpdate
from notifications.posts.models import Kind, Post, PostState, PostText, PostVersion, Visibility
from notifications.posts.public import public_url
from notifications.social import channels
from notifications.social.models import Channel, Draft, DraftState
from notifications.social.text import Subject, compose


@transaction.atomic
def make(post: Post) -> list[Draft]:
    """The drafts of a published post's current version, one per channel and language it is written in.

    Those of an older version that nobody touched are written anew in place; one that was edited is kept and called
    stale beside the new one; one that was posted stays as it was. Doing it twice changes nothing.
    """
    version = post.current_version
    if post.state != PostState.PUBLISHED or version is None:
        return []
    made = []
    for channel in Channel.values:
        older = Draft.objects.select_for_update().filter(post=post, channel=channel).exclude(post_version=version)
        texts = {text.language: text for text in version.texts.all()}
        present = set(
            Draft.objects.filter(post_version=version, channel=channel, variant=1).values_list("language", flat=True)
        )
        for draft in older.filter(state=DraftState.READY):
            if draft.edited_at is None and draft.language in texts.keys() - present:
                made.append(_rewrite(draft, version, texts[draft.language]))
                present.add(draft.language)
            else:
                draft.state = DraftState.STALE if draft.language in texts else DraftState.WITHDRAWN
                _save(draft)
        for language in sorted(texts.keys() - present):
            draft = Draft(post=post, channel=channel, language=language)
            made.append(_rewrite(draft, version, texts[language]))
    return made


@transaction.atomic
def withdraw(post: Post) -> int:
    """Take back what was not posted yet; returns how many. What was posted shows a note: see `closing_note`."""
    waiting = Draft.objects.select_for_update().filter(post=post, state__in=[DraftState.READY, DraftState.STALE])
    drafts = list(waiting)
    for draft in drafts:
        draft.state = DraftState.WITHDRAWN
        _save(draft)
    return len(drafts)


@transaction.atomic
def edit(*, draft: Draft, text: str, by: User | None, expected_version: int | None = None) -> Draft:
    """Put another text in its place.

    Raises InvalidInput with how many characters are too many, Conflict once it was posted or withdrawn, and LostUpdate.
    """
    draft = _locked(draft, expected_version)
    if draft.state not in {DraftState.READY, DraftState.STALE}:
        raise Conflict(_("Only a draft that was not posted or withdrawn can be changed."), code="not_open")
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput(_("Write the text."), code="required", field="text")
    over = channels.length(text) - channels.limits(draft.channel).max_length
    if over > 0:
        message = _("This is %(n)d characters too long.") % {"n": over}
        raise InvalidInput(message, code="max_length", field="text")
    if text != draft.text:
        draft.text, draft.length = text, channels.length(text)
        draft.edited_by, draft.edited_at = by, timezone.now()
        _save(draft)
    return draft


@transaction.atomic
def mark_posted(*, draft: Draft, url: str, by: User | None, expected_version: int | None = None) -> Draft:
    """Record where it was posted; the same address again changes nothing.

    Raises InvalidInput for an address that is not of the channel, Conflict for a draft that is withdrawn or was posted
    elsewhere, and LostUpdate.
    """
    url = _checked_url(url, draft.channel)
    draft = _locked(draft, expected_version)
    if draft.state == DraftState.POSTED and draft.posted_url == url:
        return draft
    if draft.state not in {DraftState.READY, DraftState.STALE}:
        raise Conflict(_("This draft was posted or withdrawn already."), code="not_open")
    draft.state = DraftState.POSTED
    draft.posted_url, draft.posted_by, draft.posted_at = url, by, timezone.now()
    _save(draft)
    return draft


def closing_note(draft: Draft) -> str:
    """What to do with a text that stands in the group while its post has closed; else empty. In the active language,
    with the words to add in the draft's own."""
    if draft.state != DraftState.POSTED or draft.post.state != PostState.CLOSED:
        return ""
    with translation.override(draft.language):
        words = {
            Kind.GIG: _("This gig has closed. You can no longer respond."),
            Kind.VACANCY: _("This vacancy has closed. You can no longer apply."),
            Kind.UPDATE: _("This post has closed."),
        }[Kind(draft.post.kind)]
    closed = {
        Kind.GIG: _("This gig has closed. Update your post in the group: %(closing_text)s"),
        Kind.VACANCY: _("This vacancy has closed. Update your post in the group: %(closing_text)s"),
        Kind.UPDATE: _("This post has closed. Update your post in the group: %(closing_text)s"),
    }[Kind(draft.post.kind)]
    return closed % {"closing_text": words}


def _rewrite(draft: Draft, version: PostVersion, text: PostText) -> Draft:
    post = draft.post
    is_public = post.visibility == Visibility.PUBLIC
    skills = version.skills.select_related("skill").order_by("-required", "skill__name")
    with translation.override(draft.language):
        draft.text = compose(
            Subject(
                kind=post.kind,
                text=text,
                terms=version.terms_or_none,
                skills=[row.skill.name for row in skills],
                closes_on=post.closes_on,
                link=(text.apply_url or public_url(post)) if is_public else settings.BASE_URL + reverse("join"),
                is_public=is_public,
                network=the_organisation().network_name,
            ),
            limits=channels.limits(draft.channel),
            language=draft.language,
            today=timezone.localdate(),
        )
    draft.length = channels.length(draft.text)
    draft.post_version, draft.state = version, DraftState.READY
    _save(draft)
    return draft


def _save(draft: Draft) -> None:
    if draft.pk is not None:
        draft.version += 1
    draft.save()


def _locked(draft: Draft, expected_version: int | None) -> Draft:
    draft = Draft.objects.select_for_update(of=("self",)).select_related("post").get(pk=draft.pk)
    if expected_version is not None and draft.version != expected_version:
        raise LostUpdate(_("This was changed in the meantime. Read it again, then decide."), code="changed_meanwhile")
    return draft


def _checked_url(url: str, channel: str) -> str:
    """The address, if it is one of the channel's own site."""
    url = url.strip()
    host = channels.HOSTS[channel]
    try:
        parts = urlsplit(url)
        is_theirs = parts.hostname == host or (parts.hostname or "").endswith(f".{host}")
        is_plain = parts.scheme == "https" and parts.port is None and not (parts.username or parts.password)
    except ValueError:
        is_theirs = is_plain = False
    if (
        not (is_theirs and is_plain and parts.path.strip("/") and url.isprintable() and " " not in url)
        or len(url) > 500
    ):
        message = _("Give the link to your post: it starts with https://www.%s/") % host
        raise InvalidInput(message, code="invalid_url", field="url")
    return url
