"""A reason (codes and values, see `match.py`) as the sentence that the member reads.

Each clause follows the subject, so that any two fit together: "omdat je {PostgreSQL noemt} en {vanaf 1 maart kunt}".
"""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni.accounts.organisation import the_organisation
from notifications.posts.wording import day_in_words

# No skill, role or place takes up more of a sentence than this.
MAX_WORDS = 80


def listed(words: list[str]) -> str:
    """'Python, SQL and Django', in the active language."""
    if len(words) < 2:
        return "".join(words)
    return _("%(list)s and %(last)s") % {"list": ", ".join(words[:-1]), "last": words[-1]}


def purpose_in_words(purpose: str, company: str) -> str:
    """What somebody gets by this purpose, as in 'consent for …'; in the active language."""
    if purpose == "gigs":
        return _("gigs")
    if purpose == "vacancies":
        return _("vacancies")
    return _("news from %(company)s") % {"company": company}


def _available(clause: dict[str, Any], today: dt.date) -> str:
    day, hours = dt.date.fromisoformat(clause["from"]), clause.get("hours")
    values = {"date": day_in_words(day, today), "hours": hours}
    if day <= today:
        return _("are free %(hours)s hours a week now") % values if hours else _("are free now")
    if hours:
        return _("are free %(hours)s hours a week from %(date)s") % values
    return _("are free from %(date)s") % values


def _clause(clause: dict[str, Any], today: dt.date) -> str:
    if clause["code"] == "skills":
        return _("list %(skills)s") % {"skills": listed([name[:MAX_WORDS] for name in clause["skills"]])}
    if clause["code"] == "role":
        return _("worked here as %(role)s") % {"role": clause["role"][:MAX_WORDS]}
    if clause["code"] == "place":
        return _("live in %(place)s") % {"place": clause["place"][:MAX_WORDS]}
    return _available(clause, today)


def _chosen(purpose: str, company: str) -> str:
    if purpose == "gigs":
        return _("You get this because you want to get gigs.")
    if purpose == "vacancies":
        return _("You get this because you want to get vacancies.")
    return _("You get this because you want to get news from %(company)s.") % {"company": company}


def _in_words(reason: dict[str, Any], today: dt.date, company: str) -> tuple[str, str]:
    """(the words that stand out, the rest of the sentence), in the active language."""
    if reason["code"] == "match":
        clauses = [_clause(clause, today) for clause in reason["clauses"]]
        if len(clauses) == 1:
            return _("Fits you"), _("because you %(clause)s.") % {"clause": clauses[0]}
        values = {"first": clauses[0], "second": clauses[1]}
        return _("Fits you"), _("because you %(first)s and %(second)s.") % values
    if reason["code"] == "consent":
        day = format_date(dt.date.fromisoformat(reason["on"]), "j F Y")
        purpose = purpose_in_words(reason["purpose"], company)
        return "", _("You get this because you gave consent for %(purpose)s on %(date)s.") % {
            "purpose": purpose,
            "date": day,
        }
    return "", _chosen(reason["purpose"], company)


def sentence(reason: dict[str, Any], language: str, *, today: dt.date | None = None, company: str | None = None) -> str:
    """The reason as plain text. Without `company` runs a query where the sentence names it."""
    company = the_organisation().name if company is None else company
    with override(language):
        return " ".join(part for part in _in_words(reason, today or timezone.localdate(), company) if part)


def sentence_html(reason: dict[str, Any], language: str, *, today: dt.date, company: str) -> str:
    """The same as HTML, with 'Fits you' in bold."""
    with override(language):
        bold, rest = _in_words(reason, today, company)
    return f"<b>{escape(bold)}</b> {escape(rest)}" if bold else escape(rest)
