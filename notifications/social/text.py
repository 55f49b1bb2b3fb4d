"""The text of a draft: a pure function of a post's version, in the active language.

What a reader must know (what, where, for how much) stands before the fold; the link and the hashtags always fit, and
what does not fit is cut at the end of a sentence. Nothing in it comes from a member.
"""

import datetime as dt
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from notifications.posts import wording
from notifications.posts.markdown import to_plain
from notifications.posts.models import Kind, PostText, WorkTerms
from notifications.social.channels import Limits, hashtag, length

# Hashtags by kind and language, besides the skills. Words of gigs and words of jobs never mix.
KIND_TAGS: dict[str, dict[str, tuple[str, ...]]] = {
    Kind.GIG: {"nl": ("Zzp", "Opdracht", "Freelance"), "en": ("Freelance", "Gig", "Assignment")},
    Kind.VACANCY: {"nl": ("Vacature", "Werk", "Baan"), "en": ("Vacancy", "Hiring", "Jobs")},
    Kind.UPDATE: {"nl": ("Nieuws", "OudCollegas", "Netwerk"), "en": ("News", "Alumni", "Network")},
}


@dataclass(frozen=True)
class Subject:
    """All that a draft is made of. `link` is where it sends readers; `is_public` says whether they may read it all."""

    kind: str
    text: PostText
    terms: WorkTerms | None
    skills: list[str]
    closes_on: dt.date | None
    link: str
    is_public: bool
    network: str


def compose(subject: Subject, *, limits: Limits, language: str, today: dt.date) -> str:
    """The draft. Its length never exceeds the channel's."""
    opening = [_hook(subject, limits), _facts(subject, today)]
    closing = [wording.deadline(subject.kind, subject.closes_on, today), _call(subject)]
    closing.append(" ".join(_tags(subject, limits, language)))
    room = limits.max_length - length(_paragraphs([*opening, *closing]))
    return _paragraphs([*opening, *_fitting(_middle(subject), room), *closing])


def _paragraphs(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def sentences_within(text: str, room: int) -> str:
    """As many whole sentences from the start as fit in `room` units; empty when not even the first does."""
    if length(text) <= room:
        return text
    end = 0
    for found in re.finditer(r"[.!?…](?=\s|$)|\n", text):
        if length(text[: found.end()].rstrip()) > room:
            break
        end = found.end()
    return text[:end].rstrip()


def _fitting(paragraphs: list[str], room: int) -> list[str]:
    chosen: list[str] = []
    for paragraph in paragraphs:
        whole = sentences_within(paragraph, room - 2)  # 2: the empty line before it
        if not whole:
            break
        chosen.append(whole)
        room -= length(whole) + 2
        if whole != paragraph:
            break
    return chosen


def _shortened(text: str, room: int) -> str:
    """The text in at most `room` units, cut between words, with an ellipsis where something went."""
    if length(text) <= room:
        return text
    cut = ""
    for word in text.split(" "):
        longer = f"{cut} {word}".strip()
        if length(longer) + 1 > room:
            break
        cut = longer
    return (cut or text[: max(0, room // 2 - 1)]).rstrip(" ,.;:-(") + "…"


def _hook(subject: Subject, limits: Limits) -> str:
    """'Klus voor een ZZP'er: meetdata op orde, Utrecht, € 85 tot € 95 per uur.' within the fold."""
    title, terms = subject.text.title.rstrip(". "), subject.terms
    if terms is None:
        return _shortened(title, limits.fold)
    pay = wording.pay(terms, subject.kind).symbol
    rest = "".join(f", {part}" for part in (wording.place(terms), pay) if part) + "."
    lead = _("Gig for a freelancer: %(title)s") if subject.kind == Kind.GIG else _("Vacancy: %(title)s")
    for wanted in (lead % {"title": title}, title):
        if length(wanted + rest) <= limits.fold:
            return wanted + rest
    if length(rest) > limits.fold // 2:  # a place that fills the fold: the pay is what must be seen
        rest = f", {pay}."
    return _shortened(title, limits.fold - length(rest)) + rest


def _facts(subject: Subject, today: dt.date) -> str:
    if subject.terms is None:
        return ""
    facts = [wording.hours(subject.terms), wording.period(subject.terms, today)]
    if subject.kind == Kind.GIG:
        facts.append(_("rate excluding VAT"))
    line = ", ".join(fact for fact in facts if fact)
    return line[:1].upper() + line[1:] + "." if line else ""


def _middle(subject: Subject) -> list[str]:
    """What may be cut: the summary, the why, and of a public post its text."""
    lead = _("Why we do this: %(why)s") if subject.kind == Kind.UPDATE else _("Why this is there: %(why)s")
    parts = [subject.text.summary, lead % {"why": subject.text.why} if subject.text.why else ""]
    if subject.is_public:
        parts += to_plain(subject.text.body).split("\n\n")
    return [part for part in parts if part]


def _call(subject: Subject) -> str:
    words = {"url": subject.link, "network": subject.network}
    if not subject.is_public:
        return _("Members of %(network)s read all of it. Join here: %(url)s") % words
    if subject.kind == Kind.GIG:
        return _("Read more or respond: %(url)s") % words
    if subject.kind == Kind.VACANCY:
        return _("Read more or apply: %(url)s") % words
    return _("Read more: %(url)s") % words


def _tags(subject: Subject, limits: Limits, language: str) -> list[str]:
    """The tag of the kind, then skills; filled up with what the kind gives when there are few."""
    of_kind = KIND_TAGS[subject.kind].get(language, KIND_TAGS[subject.kind]["en"])
    tags = dict.fromkeys(tag for tag in map(hashtag, [of_kind[0], *subject.skills]) if tag)
    chosen = list(tags)[: limits.hashtags_until]
    for name in of_kind[1:]:
        if len(chosen) < limits.hashtags_from:
            chosen.append(hashtag(name))
    return chosen
