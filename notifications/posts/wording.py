"""What a post offers, in words and in the active language: pay, hours, period, place. For mails, pages and drafts."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alumni.members.models import RateUnit
from notifications.posts.models import Kind, WorkTerms

NO_BREAK = "\u00a0"
# A day that is nearer than this needs no year.
SAME_YEAR = dt.timedelta(days=300)


class Pay(NamedTuple):
    """The same pay with a sign (pages, HTML), and in words (the text part of a mail)."""

    symbol: str
    words: str


def day_in_words(day: dt.date, today: dt.date) -> str:
    """'4 januari' for a day that comes soon, '4 januari 2028' for any other."""
    soon = dt.timedelta(0) <= day - today < SAME_YEAR
    return format_date(day, "j F" if soon else "j F Y")


def _amount(value: Decimal) -> str:
    text = f"{value:,.2f}".removesuffix(".00")
    return text if get_language() != "nl" else text.translate(str.maketrans(",.", ".,"))


def _range(terms: WorkTerms, *, symbol: bool) -> str:
    low, high = _amount(terms.pay_min), _amount(terms.pay_max)
    if terms.currency != "EUR":
        low, high = f"{terms.currency}{NO_BREAK}{low}", f"{terms.currency}{NO_BREAK}{high}"
    elif symbol:
        low, high = f"€{NO_BREAK}{low}", f"€{NO_BREAK}{high}"
    text = low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
    return text if symbol or terms.currency != "EUR" else _("%(amount)s euros") % {"amount": text}


def _per_unit(amount: str, unit: str) -> str:
    words = {
        RateUnit.HOUR: _("%(amount)s an hour"),
        RateUnit.DAY: _("%(amount)s a day"),
        RateUnit.MONTH: _("%(amount)s a month"),
        RateUnit.YEAR: _("%(amount)s a year"),
        RateUnit.FIXED: _("%(amount)s fixed"),
    }
    return words[RateUnit(unit)] % {"amount": amount}


def pay(terms: WorkTerms, kind: str) -> Pay:
    """'€ 85 tot € 95 per uur' and '85 tot 95 euro per uur'; a vacancy's is gross."""
    symbol, words = _range(terms, symbol=True), _range(terms, symbol=False)
    if kind == Kind.VACANCY:
        symbol, words = _("%(amount)s gross") % {"amount": symbol}, _("%(amount)s gross") % {"amount": words}
    return Pay(_per_unit(symbol, terms.unit), _per_unit(words, terms.unit))


def short_pay(terms: WorkTerms) -> str:
    """'€ 5.100 tot € 6.700 per maand': as short as it can be said."""
    return _per_unit(_range(terms, symbol=True), terms.unit)


def hours(terms: WorkTerms) -> str:
    """'32 tot 36 uur per week'; empty when not known."""
    low, high = terms.hours_min, terms.hours_max
    if low and high and low != high:
        return _("%(low)s to %(high)s hours a week") % {"low": low, "high": high}
    return _("%(hours)s hours a week") % {"hours": low or high} if low or high else ""


def period(terms: WorkTerms, today: dt.date) -> str:
    """'vanaf 4 januari', 'tot en met 31 maart', both, or empty."""
    start = day_in_words(terms.start, today) if terms.start else ""
    end = day_in_words(terms.end, today) if terms.end else ""
    if start and end:
        return _("from %(start)s until %(end)s") % {"start": start, "end": end}
    if start:
        return _("from %(start)s") % {"start": start}
    return _("until %(end)s") % {"end": end} if end else ""


def place(terms: WorkTerms) -> str:
    """'Utrecht', 'Utrecht, op afstand kan ook', 'op afstand', or empty."""
    if terms.place and terms.remote:
        return _("%(place)s, remote is possible too") % {"place": terms.place}
    return _("remote") if terms.remote else terms.place


def deadline(kind: str, day: dt.date | None, today: dt.date) -> str:
    """Until when one can respond; empty for what has no closing day."""
    if day is None or kind == Kind.UPDATE:
        return ""
    words = {"date": day_in_words(day, today)}
    if kind == Kind.GIG:
        return _("You can respond until %(date)s.") % words
    return _("You can apply until %(date)s.") % words
