"""What a version says, as plain data: checked, compared and hashed here, without the database.

The shape: `texts` is {language: {title, summary, body, why, apply_url}}, `terms` the fields of WorkTerms or None,
`skills` a list of (name, required). Missing fields of a text are empty.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext as _

from alumni.members.skills import skill_key
from backend.http.errors import InvalidInput
from notifications.posts.models import Kind, PostVersion

# Field of a text: how long it may be, and whether line breaks belong in it.
TEXT_FIELDS: dict[str, tuple[int, bool]] = {
    "title": (200, False),
    "summary": (600, False),
    "body": (20_000, True),
    "why": (600, False),
    "apply_url": (500, False),
}
TERM_FIELDS = (
    "pay_min", "pay_max", "currency", "unit", "hours_min", "hours_max", "place", "country", "remote", "start", "end",
    "contact_name", "contact_email",
)  # fmt: skip
# What a sum of money may be for. A gig has a rate, never a salary.
UNITS: dict[str, tuple[str, ...]] = {Kind.GIG: ("hour", "day", "fixed"), Kind.VACANCY: ("hour", "month", "year")}
MAX_SKILLS = 30

Problem = tuple[str, str, str]
Texts = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Content:
    """What a version says."""

    texts: Texts
    terms: dict[str, Any] | None
    skills: tuple[tuple[str, bool], ...]


def _clean(value: Any, *, many_lines: bool) -> str:
    """Text without what a reader can't see; a single-line field without line breaks."""
    text = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
    if many_lines:
        return "".join(c for c in text if c in "\n\t" or c.isprintable() or c in "\u200d\u00ad\u00a0\u202f").strip()
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() or c.isspace() else "" for c in text)).strip()


def checked_texts(texts: Mapping[str, Mapping[str, Any]]) -> Texts:
    """The texts, trimmed. Raises InvalidInput with every field that is wrong."""
    known = [code for code, _name in settings.LANGUAGES]
    problems: list[Problem] = []
    result: Texts = {}
    if not texts:
        problems.append(("texts", "required", _("Write the text in at least one language.")))
    for language, given in texts.items():
        if language not in known:
            problems.append((f"texts.{language}", "unknown_language", _("Write in one of: %s.") % ", ".join(known)))
            continue
        text = {name: _clean(given.get(name), many_lines=lines) for name, (_n, lines) in TEXT_FIELDS.items()}
        problems += _text_problems(text, prefix=f"texts.{language}.")
        result[language] = text
    if problems:
        raise InvalidInput(problems[0][2], errors=problems)
    return result


def _text_problems(text: dict[str, str], *, prefix: str) -> list[Problem]:
    problems: list[Problem] = []
    if not text["title"]:
        problems.append((f"{prefix}title", "required", _("Fill in %s.") % _("title")))
    for name, (limit, _lines) in TEXT_FIELDS.items():
        if (over := len(text[name]) - limit) > 0:
            message = _("This is %(n)d characters too long.") % {"n": over}
            problems.append((f"{prefix}{name}", "max_length", message))
    if text["apply_url"]:
        try:
            URLValidator(schemes=["https", "http"])(text["apply_url"])
        except ValidationError:
            message = _("This is not a complete address. For example: https://www.company.com/jobs/12")
            problems.append((f"{prefix}apply_url", "invalid_url", message))
    return problems


def checked_terms(terms: Mapping[str, Any] | None, *, kind: str) -> dict[str, Any] | None:
    """The terms with every field of WorkTerms; None stays None. Raises InvalidInput with every field that is wrong."""
    if terms is None:
        return None
    if kind == Kind.UPDATE:
        raise InvalidInput(_("An update has no work terms."), code="no_terms", field="terms")
    unknown = sorted(set(terms) - set(TERM_FIELDS))
    if unknown:
        raise InvalidInput(_("There is no such field."), code="unknown_field", field=f"terms.{unknown[0]}")
    result = {name: terms.get(name) for name in TERM_FIELDS}
    for name, fallback in (("currency", "EUR"), ("country", "NL")):
        result[name] = str(result[name] or fallback).strip().upper()
    for name in ("place", "contact_name", "contact_email"):
        result[name] = _clean(result[name], many_lines=False)[:100]
    result["remote"] = bool(result["remote"])
    problems = _pay_problems(result, kind=kind) + _other_problems(result)
    if problems:
        raise InvalidInput(problems[0][2], errors=problems)
    return result


def _pay_problems(terms: dict[str, Any], *, kind: str) -> list[Problem]:
    """Also turns the amounts into decimals of two places."""
    for name in ("pay_min", "pay_max"):
        try:
            terms[name] = Decimal(str(terms[name])).quantize(Decimal("0.01"))
        except (InvalidOperation, ValueError):
            return [("terms.pay", "required", no_pay(kind))]
        if not Decimal(0) < terms[name] < Decimal(10_000_000):
            return [("terms.pay", "invalid", _("An amount is more than 0 and less than ten million."))]
    if terms["pay_min"] > terms["pay_max"]:
        return [("terms.pay.max", "order", _("The highest rate is below the lowest. Swap them."))]
    if terms["unit"] not in UNITS[kind]:
        gig = _("A gig has a rate per hour, per day or a fixed price, no salary.")
        vacancy = _("Pay is per hour, month or year.")
        return [("terms.pay.unit", "invalid_unit", gig if kind == Kind.GIG else vacancy)]
    if not re.fullmatch("[A-Z]{3}", terms["currency"]):
        return [("terms.pay.currency", "invalid", _("A currency is three letters, such as EUR."))]
    return []


def _other_problems(terms: dict[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    hours = [terms["hours_min"], terms["hours_max"]]
    if any(h is not None and not 0 < h <= 168 for h in hours):
        problems.append(("terms.hours_max", "invalid", _("Hours a week are from 1 to 168.")))
    elif None not in hours and hours[0] > hours[1]:
        problems.append(("terms.hours_max", "order", _("The highest number of hours is below the lowest. Swap them.")))
    if terms["start"] and terms["end"] and terms["start"] > terms["end"]:
        problems.append(("terms.end", "order", _("The end lies before the start. Swap them.")))
    if not re.fullmatch("[A-Z]{2}", terms["country"]):
        problems.append(("terms.country", "invalid", _("A country is two letters, such as NL or BE.")))
    if terms["contact_email"]:
        try:
            EmailValidator()(terms["contact_email"])
        except ValidationError:
            message = _("This is not a complete e-mail address. For example: name@company.com")
            problems.append(("terms.contact_email", "invalid_email", message))
    return problems


def no_pay(kind: str) -> str:
    """What to say when the pay is missing: a gig has a rate, a vacancy has pay."""
    if kind == Kind.GIG:
        return _("There is no rate. Give a lowest and a highest amount, per hour, per day or as a fixed price.")
    return _("There is no pay. Give a lowest and a highest amount, per month or hour.")


def checked_skills(skills: Sequence[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """(name, required) without doubles, in their order; a skill that is required once is required."""
    required: dict[str, bool] = {}
    names: dict[str, str] = {}
    for name, is_required in skills:
        shown = _clean(name, many_lines=False)[:100]
        if key := skill_key(shown):
            names.setdefault(key, shown)
            required[key] = required.get(key, False) or bool(is_required)
    if len(names) > MAX_SKILLS:
        message = _("Name at most %d skills.") % MAX_SKILLS
        raise InvalidInput(message, code="too_many", field="skills")
    return tuple((names[key], required[key]) for key in names)


def of_version(version: PostVersion) -> Content:
    """What a stored version says. Runs three queries, none when its relations are prefetched."""
    terms = version.terms_or_none
    return Content(
        texts={text.language: {name: getattr(text, name) for name in TEXT_FIELDS} for text in version.texts.all()},
        terms=None if terms is None else {name: getattr(terms, name) for name in TERM_FIELDS},
        skills=tuple((row.skill.name, row.required) for row in version.skills.all()),
    )


def missing(*, kind: str, content: Content, closes_on: dt.date | None, today: dt.date) -> list[Problem]:
    """What a post still lacks before a second person can look at it, or before it can go out."""
    problems: list[Problem] = []
    if kind in UNITS and content.terms is None:
        problems.append(("terms.pay", "required", no_pay(kind)))
    if kind == Kind.UPDATE:
        message = _("Why does this happen? One sentence is enough.")
        unexplained = [language for language, text in content.texts.items() if not text["why"]]
        problems += [(f"texts.{language}.why", "required", message) for language in unexplained]
    if closes_on is not None and closes_on < today:
        problems.append(("closes_on", "past", _("This day has passed. Choose a later one.")))
    return problems


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def fingerprint(content: Content, *, kind: str, audience: str, visibility: str) -> str:
    """SHA-256 (hex) of what the second person says yes to: words, terms, skills, for whom, and who may see it."""
    canonical = {
        "kind": str(kind),
        "audience": audience,
        "visibility": str(visibility),
        "texts": content.texts,
        "terms": None if content.terms is None else {name: _plain(value) for name, value in content.terms.items()},
        "skills": sorted([skill_key(name), required] for name, required in content.skills),
    }
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
