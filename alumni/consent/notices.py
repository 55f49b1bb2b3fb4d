"""Notices: the exact words that are on the screen when consent is asked. Published once, then immutable."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alumni.accounts.models import Organisation, User
from alumni.accounts.organisation import the_organisation
from alumni.consent import wording
from alumni.consent.frames import frame
from alumni.consent.models import OFFERED_PURPOSES, ChangeKind, Notice, NoticeText, Purpose
from backend.http.errors import InvalidInput

VALIDITY_MONTHS = 24
# How long after the last consent ended a member's data are erased.
ERASED_AFTER_DAYS = 30


@dataclass(frozen=True)
class Draft:
    """One notice text as it would be published under a number and a date."""

    language: str
    label: str
    text: str
    frame: dict[str, Any]

    def is_of(self, published: NoticeText) -> bool:
        """Whether a published text says exactly this."""
        return (self.label, self.text, self.frame) == (published.label, published.text, published.frame)


def url(*, purpose: str, version: int, language: str) -> str:
    """Where a notice can be read for ever: it never shows another version."""
    return f"{settings.BASE_URL}/notices/{purpose}/{version}/{language}/"


def missing_parts(organisation: Organisation, purposes: tuple[Purpose, ...]) -> list[str]:
    """What keeps notices from being published, one sentence each; empty when nothing does."""
    problems = [
        (organisation.name, _("the name of the company")),
        (organisation.has_postal_address, _("the postal address of the company")),
        (organisation.privacy_email, _("the privacy contact of the company")),
        (organisation.country in wording.AUTHORITIES, _("the supervisory authority of the company's country")),
        (
            not organisation.mail_processor or organisation.mail_processor_place,
            _("the place of who hands the mail over"),
        ),
        (organisation.languages, _("the languages of the company")),
    ]
    found = [str(sentence) for present, sentence in problems if not present]
    for language in organisation.languages:
        for part in wording.MANDATORY_PARTS:
            if language not in wording.PARTS.get(part, {}):
                found.append(_("the part “%(part)s” in %(language)s") % {"part": part, "language": language})
        for purpose in purposes:
            if language not in wording.LABELS.get(purpose, {}):
                found.append(_("the words for “%(part)s” in %(language)s") % {"part": purpose, "language": language})
    return found


def _slots(organisation: Organisation, language: str, version: int, day: dt.date) -> dict[str, Any]:
    number = wording.NUMBER[organisation.country][language].format(number=organisation.company_number)
    identity = [organisation.name, organisation.postal_address, *([number] if organisation.company_number else [])]
    authority = wording.AUTHORITIES[organisation.country]
    with translation.override(language):
        date = date_format(day, "j F Y")
    return {
        "company": organisation.name,
        "identity": ", ".join(identity),
        "roles": wording.ROLES[language],
        "months": VALIDITY_MONTHS,
        "days": ERASED_AFTER_DAYS,
        "processor": organisation.mail_processor,
        "place": organisation.mail_processor_place,
        "privacy_email": organisation.privacy_email,
        "authority": authority[language],
        "authority_url": authority["url"],
        "version": version,
        "date": date,
    }


def _draft(*, purpose: str, language: str, version: int, day: dt.date, organisation: Organisation) -> Draft:
    slots = _slots(organisation, language, version, day)
    name, sentence = (words.format(**slots) for words in wording.LABELS[purpose][language])
    # A company that names no mail provider sends by itself.
    chosen = {"who_else": "who_else" if organisation.mail_processor else "who_else_nobody"}
    keys = [chosen.get(part, part) for part in wording.MANDATORY_PARTS]
    parts = [wording.PARTS[key][language].format(**slots) for key in keys]
    text = "\n".join([name, sentence, "", *parts])
    notice = {
        "notice_id": str(purpose),
        "version": version,
        "url": url(purpose=purpose, version=version, language=language),
        "sha256": sha256_of_text(text),
        "text": text,
    }
    shape = frame(purpose=purpose, language=language, notice=notice, months=VALIDITY_MONTHS, organisation=organisation)
    return Draft(language=language, label=f"{name} {sentence}", text=text, frame=shape)


def sha256_of_text(text: str) -> str:
    """SHA-256 of the UTF-8 bytes of a notice, lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _drafts(purpose: str, version: int, day: dt.date, organisation: Organisation) -> list[Draft]:
    return [
        _draft(purpose=purpose, language=language, version=version, day=day, organisation=organisation)
        for language in organisation.languages
    ]


def _says_the_same(latest: Notice, organisation: Organisation) -> bool:
    assert latest.published_at is not None
    day = timezone.localtime(latest.published_at).date()
    published = {text.language: text for text in latest.texts.all()}
    drafts = _drafts(latest.purpose, latest.version, day, organisation)
    return len(drafts) == len(published) and all(
        draft.language in published and draft.is_of(published[draft.language]) for draft in drafts
    )


def _refuse_incomplete(organisation: Organisation, purposes: tuple[Purpose, ...]) -> None:
    if lacking := missing_parts(organisation, purposes):
        raise InvalidInput(
            _("The notice cannot be published. Missing: %s.") % "; ".join(lacking),
            code="notice_incomplete",
            errors=[("", "missing", sentence) for sentence in lacking],
        )


@transaction.atomic
def publish(*, purpose: str, change_kind: str = ChangeKind.EDITORIAL, user: User | None = None) -> Notice | None:
    """Publish the notice for one purpose with the company's data of this moment frozen in it; returns it.

    Nothing happens (None) when the newest version says the same already, unless `change_kind` is material: then
    consents on older versions no longer count. Raises InvalidInput (`notice_incomplete`) that lists what is missing.
    """
    organisation = Organisation.objects.select_for_update().filter(pk=1).first() or the_organisation()
    _refuse_incomplete(organisation, (Purpose(purpose),))
    latest = Notice.objects.filter(purpose=purpose).order_by("-version").first()
    if latest is not None and change_kind != ChangeKind.MATERIAL and _says_the_same(latest, organisation):
        return None
    now = timezone.now()
    notice = Notice.objects.create(
        purpose=purpose,
        version=latest.version + 1 if latest else 1,
        change_kind=change_kind if latest else ChangeKind.MATERIAL,
        validity_months=VALIDITY_MONTHS,
        published_by=user,
    )
    NoticeText.objects.bulk_create(
        NoticeText(
            notice=notice,
            language=draft.language,
            label=draft.label,
            text=draft.text,
            sha256=sha256_of_text(draft.text),
            frame=draft.frame,
        )
        for draft in _drafts(purpose, notice.version, timezone.localtime(now).date(), organisation)
    )
    notice.published_at = now
    notice.save(update_fields=["published_at"])
    return notice


@transaction.atomic
def publish_defaults(user: User | None = None) -> list[Notice]:
    """Publish the default notices for every purpose that is offered, in the company's languages; returns the new ones.
    Doing it again changes nothing; after a change of the company's data it makes a new, editorial version.

    Raises InvalidInput (`notice_incomplete`) that lists all that is missing.
    """
    _refuse_incomplete(the_organisation(), OFFERED_PURPOSES)
    published = [publish(purpose=purpose, user=user) for purpose in OFFERED_PURPOSES]
    return [notice for notice in published if notice is not None]


def current(language: str) -> dict[str, NoticeText]:
    """{purpose: the newest published text in a language} for the purposes that are offered, in their order.

    A purpose whose newest notice lacks the language is left out: it cannot be asked in that language.
    """
    newest = (
        Notice.objects.filter(published_at__isnull=False, purpose__in=OFFERED_PURPOSES)
        .values("purpose")
        .annotate(newest=Max("version"))
        .values_list("purpose", "newest")
    )
    versions = dict(newest)
    texts = NoticeText.objects.filter(
        language=language, notice__purpose__in=versions, notice__version__in=set(versions.values())
    ).select_related("notice")
    found = {text.notice.purpose: text for text in texts if versions[text.notice.purpose] == text.notice.version}
    return {purpose: found[purpose] for purpose in OFFERED_PURPOSES if purpose in found}


def material_since() -> dict[str, int]:
    """{purpose: the newest version that was a material change}: a consent on an older one is overtaken."""
    rows = (
        Notice.objects.filter(published_at__isnull=False, change_kind=ChangeKind.MATERIAL)
        .values("purpose")
        .annotate(newest=Max("version"))
        .values_list("purpose", "newest")
    )
    return dict(rows)
