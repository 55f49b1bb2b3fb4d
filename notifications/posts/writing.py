"""Writing posts: each change of an approved text is a new version, and needs a second person again."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.accounts.models import User
from alumni.members.skills import resolve, skill_key
from backend.http.errors import Conflict, InvalidInput, LostUpdate
from notifications.audiences.models import Audience
from notifications.posts import content as contents
from notifications.posts.content import Content
from notifications.posts.models import (
    Decision,
    HoldReason,
    Kind,
    Post,
    PostState,
    PostText,
    PostVersion,
    Review,
    VersionSkill,
    Visibility,
    WorkTerms,
)
from notifications.posts.slugs import new_slug


class _Keep:
    """The type of KEEP."""


KEEP: Final = _Keep()  # "leave it as it is", where None means "take it away"


@transaction.atomic
def create(
    *,
    kind: str,
    author: User | None,
    texts: Mapping[str, Mapping[str, Any]],
    audience: Audience,
    visibility: str = Visibility.NETWORK,
    closes_on: dt.date | None = None,
    terms: Mapping[str, Any] | None = None,
    skills: Sequence[tuple[str, bool]] = (),
    source: str = "",
    external_id: str = "",
    source_sha256: str = "",
    hold_reason: str = "",
) -> Post:
    """A new draft. Shapes: see `content.py`. Raises InvalidInput, and Conflict for a second one with an id at a source.

    Terms may be missing in a draft; what else a post needs before review says `content.missing`.
    """
    content = Content(
        texts=contents.checked_texts(texts),
        terms=contents.checked_terms(terms, kind=Kind(kind)),
        skills=contents.checked_skills(skills),
    )
    _refuse_past(closes_on)
    if external_id and Post.objects.filter(source=source, external_id=external_id).exists():
        raise Conflict(_("There is a post with this id of this source already."), code="exists", field="external_id")
    post = Post.objects.create(
        kind=Kind(kind),
        author=author,
        audience=audience,
        visibility=Visibility(visibility),
        closes_on=closes_on,
        slug=new_slug(_main_title(content)),
        source=source,
        external_id=external_id,
        source_sha256=source_sha256,
        hold_reason=hold_reason,
    )
    version = PostVersion(post=post, number=1, writer_uids=_with_writer([], author))
    _store(version, _with_known_skills(content), post)
    return post


@transaction.atomic
def update(
    *,
    post: Post,
    by: User | None = None,
    texts: Mapping[str, Mapping[str, Any] | None] | None = None,
    terms: Mapping[str, Any] | _Keep | None = KEEP,
    skills: Sequence[tuple[str, bool]] | None = None,
    audience: Audience | None = None,
    visibility: str | None = None,
    closes_on: dt.date | _Keep | None = KEEP,
    source_sha256: str | None = None,
    hold_reason: str | None = None,
    expected_version: int | None = None,
) -> Post:
    """Change what is named and leave the rest; a language that is None goes. Returns the post as it now stands.

    A changed text that was approved becomes a new version, which needs review; one in review goes back to draft and its
    review is void. A published post stays published with the approved text. Nothing changed: nothing is written.
    `by`, who wrote it (None: a program), cannot approve the version.
    Raises InvalidInput, Conflict (closed; audience or visibility of a published post) and LostUpdate.
    """
    post = Post.objects.select_for_update(of=("self",)).select_related("audience").get(pk=post.pk)
    if expected_version is not None and post.version != expected_version:
        raise LostUpdate(_("This was changed in the meantime. Read it again, then decide."), code="changed_meanwhile")
    if post.state == PostState.CLOSED:
        raise Conflict(_("This post is closed. Make a new one."), code="closed")
    before = newest_version(post)
    old = contents.of_version(before)
    new = _with_known_skills(_merged(old, kind=post.kind, texts=texts, terms=terms, skills=skills))
    changed = _change_frame(post, audience=audience, visibility=visibility)
    if not isinstance(closes_on, _Keep) and closes_on != post.closes_on:
        _refuse_past(closes_on)
        post.closes_on, changed = closes_on, True
    if source_sha256 is not None and source_sha256 != post.source_sha256:
        post.source_sha256, changed = source_sha256, True
    held = _still_held(post, new) if hold_reason is None else hold_reason
    if held != post.hold_reason:
        post.hold_reason, changed = held, True
    sha256 = _fingerprint(post, new)
    if sha256 != before.sha256:
        changed = True
        _write_version(post, before, new, by)
    if changed:
        post.version += 1
        post.save()
    return post


def newest_version(post: Post) -> PostVersion:
    """What is being written, else what was approved last. Runs one query, without the version's relations."""
    return PostVersion.objects.filter(post=post).select_related("terms").order_by("-number")[0]


def _refuse_past(day: dt.date | None) -> None:
    if day is not None and day < timezone.localdate():
        raise InvalidInput(_("This day has passed. Choose a later one."), code="past", field="closes_on")


def _main_title(content: Content) -> str:
    text = content.texts.get(settings.LANGUAGE_CODE) or next(iter(content.texts.values()))
    return text["title"]


def _merged(
    old: Content,
    *,
    kind: str,
    texts: Mapping[str, Mapping[str, Any] | None] | None,
    terms: Mapping[str, Any] | _Keep | None,
    skills: Sequence[tuple[str, bool]] | None,
) -> Content:
    words: dict[str, Mapping[str, Any]] = dict(old.texts)
    for language, given in (texts or {}).items():
        if given is None:
            words.pop(language, None)
        else:
            words[language] = {**words.get(language, {}), **given}
    if isinstance(terms, _Keep):
        terms = old.terms
    elif terms is not None:
        terms = {**(old.terms or {}), **terms}
    return Content(
        texts=contents.checked_texts(words),
        terms=contents.checked_terms(terms, kind=kind),
        skills=old.skills if skills is None else contents.checked_skills(skills),
    )


def _change_frame(post: Post, *, audience: Audience | None, visibility: str | None) -> bool:
    """For whom it is and who may see it: agreed to by the second person, so fixed once published."""
    new = (audience or post.audience, visibility or post.visibility)
    if new == (post.audience, post.visibility):
        return False
    if post.state == PostState.PUBLISHED:
        message = _("A published post keeps its audience and visibility. Close it and make a new one.")
        raise Conflict(message, code="published")
    post.audience, post.visibility = new
    return True


def _still_held(post: Post, content: Content) -> str:
    """The hold reason, until what was missing is there."""
    has_link = any(text["apply_url"] for text in content.texts.values())
    if post.hold_reason in {HoldReason.NO_PAY, HoldReason.ODD_PAY} and content.terms is not None:
        return ""
    if post.hold_reason == HoldReason.NO_LINK and has_link:
        return ""
    return post.hold_reason


def _with_writer(uids: list[str], by: User | None) -> list[str]:
    return uids if by is None or str(by.uid) in uids else [*uids, str(by.uid)]


def _write_version(post: Post, before: PostVersion, content: Content, by: User | None) -> None:
    if before.approved_at is not None:
        version = PostVersion(post=post, number=before.number + 1)
    else:
        # Nobody approved it yet: the same version is written over, and what was asked of a reviewer is void.
        version = before
        Review.objects.filter(post_version=version, decision="").update(
            decision=Decision.VOIDED, decided_at=timezone.now()
        )
        version.texts.all().delete()
        version.skills.all().delete()
        WorkTerms.objects.filter(version=version).delete()
    version.writer_uids = _with_writer(version.writer_uids, by)
    _store(version, content, post)
    if post.state in {PostState.IN_REVIEW, PostState.APPROVED}:
        post.state = PostState.DRAFT


def _fingerprint(post: Post, content: Content) -> str:
    return contents.fingerprint(content, kind=post.kind, audience=post.audience.code, visibility=post.visibility)


def _with_known_skills(content: Content) -> Content:
    """The same with each skill under the name that the network knows it by; new ones are made."""
    known = resolve(name for name, _required in content.skills)
    named = [(known[skill_key(name)].name, required) for name, required in content.skills]
    return replace(content, skills=contents.checked_skills(named))


def _store(version: PostVersion, content: Content, post: Post) -> None:
    """Write a version with all that it says. `content` has passed `_with_known_skills`."""
    version.sha256 = _fingerprint(post, content)
    version.save()
    PostText.objects.bulk_create(
        [PostText(version=version, language=language, **text) for language, text in content.texts.items()]
    )
    if content.terms is not None:
        WorkTerms.objects.create(version=version, **content.terms)
    known = resolve(name for name, _required in content.skills)
    VersionSkill.objects.bulk_create(
        [
            VersionSkill(version=version, skill=known[skill_key(name)], required=required)
            for name, required in content.skills
        ]
    )
