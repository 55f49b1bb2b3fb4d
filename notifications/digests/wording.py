"""What is in a digest, in words and in the active language: how many of what, what a post offers in one line."""

import datetime as dt
from collections.abc import Mapping

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from notifications.digests.reasons import listed
from notifications.posts import wording
from notifications.posts.models import Kind, WorkTerms

# Numbers up to ten as words, as one writes them in a sentence.
NUMBERS = {
    "nl": ("nul", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien"),
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}


def number(n: int) -> str:
    """'two'; figures above ten."""
    words = NUMBERS.get(get_language() or "", ())
    return words[n] if n < len(words) else str(n)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


def facts_after_pay(terms: WorkTerms, kind: str, today: dt.date) -> str:
    """What follows the pay: ', excl. btw. 24 uur per week, vanaf 4 januari. Utrecht.'"""
    size, period, place = wording.hours(terms), wording.period(terms, today), wording.place(terms)
    if kind == Kind.VACANCY:
        first = " " + _("for %(hours)s.") % {"hours": size} if size else "."
        rest = [period, place]
    else:
        first = _(", excluding VAT.")
        rest = [", ".join(part for part in (size, period) if part), place]
    return first + "".join(f" {_sentence(part)}" for part in rest if part)


def how_many(kind: str, n: int) -> str:
    """'two gigs', 'a vacancy'."""
    words = {"n": number(n)}
    if kind == Kind.GIG:
        return ngettext("a gig", "%(n)s gigs", n) % words
    if kind == Kind.VACANCY:
        return ngettext("a vacancy", "%(n)s vacancies", n) % words
    return ngettext("a post with news", "%(n)s posts with news", n) % words


def opening(fits: Mapping[str, int], others: Mapping[str, int]) -> str:
    """One or two sentences on what is inside: how many of each kind fit, and how many there are besides."""
    sentences = []
    if gigs := fits.get(Kind.GIG, 0):
        values = {"n": number(gigs)}
        sentences.append(ngettext("There is a gig that fits you.", "There are %(n)s gigs that fit you.", gigs) % values)
    if vacancies := fits.get(Kind.VACANCY, 0):
        values = {"n": number(vacancies)}
        sentences.append(
            ngettext("There is a vacancy that fits you.", "There are %(n)s vacancies that fit you.", vacancies) % values
        )
    rest = listed([how_many(kind, others[kind]) for kind in (Kind.GIG, Kind.VACANCY, Kind.UPDATE) if others.get(kind)])
    if rest:
        template = _("There is also %(rest)s.") if sentences else _("In this e-mail: %(rest)s.")
        sentences.append(template % {"rest": rest})
    return " ".join(sentences)


def and_others(n: int) -> str:
    """', and two other posts', as it ends a subject; empty for none."""
    return ngettext(", and one other post", ", and %(n)s other posts", n) % {"n": number(n)} if n else ""


def month(day: dt.date) -> str:
    """'januari'."""
    return format_date(day, "F")


def shortened(text: str, limit: int) -> str:
    """The text in at most `limit` characters, cut between words, with an ellipsis where something went."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > limit // 2 else cut).rstrip(" ,.;:-(") + "…"
