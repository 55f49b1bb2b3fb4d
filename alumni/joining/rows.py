"""One row of somebody's file, made into what we keep: pure, so that a dry run and the real thing can't differ."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from alumni.accounts.addresses import checked, email_key
from alumni.joining import values
from alumni.joining.columns import FREELANCE_FIELDS, Layout
from alumni.members import identifiers, particles, profile
from alumni.members.names import clean_line, clean_name
from backend.http.errors import InvalidInput, KringError

Problem = dict[str, str]
_ALUMNUS = frozenset({"alumnus", "oud-medewerker", "oudmedewerker", "oud-collega", "medewerker", "former employee"})
_FREELANCER = frozenset({"zzp", "zzp'er", "zzper", "zzp’er", "freelancer", "freelance", "zelfstandige", "indépendant"})
_BOTH = frozenset({"beide", "both", "les deux"})


@dataclass
class Row:
    """A row as read. `parsed` is JSON: member, employment or None, freelance or None, skills; see `parse`.

    With `errors` it will not land; `parsed` then holds what names the person, so that erasure finds the row.
    """

    line: int
    email_key: str = ""
    parsed: dict[str, Any] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)


class _Reader:
    """The cells of one row by our field names; collects what is wrong under the header that the file uses."""

    def __init__(self, cells: Sequence[Any], layout: Layout) -> None:
        self.headers = {name: layout.headers[position] for position, name in layout.fields.items()}
        self.cells = {name: cells[i] if i < len(cells) else None for i, name in layout.fields.items()}
        self.problems: list[Problem] = []
        for name, value in self.cells.items():
            if values.is_formula(value):
                self._drop(name, "formula", _("There is a formula in it. Write the text or the number itself."))
            elif isinstance(value, str) and value.strip().upper() in values.BROKEN:
                self._drop(name, "formula", _("A formula failed here (%s). Write the value itself.") % value.strip())

    def _drop(self, name: str, code: str, message: str) -> None:
        self.problem(name, code, message)
        self.cells[name] = None

    def problem(self, name: str, code: str, message: str) -> None:
        column = self.headers.get(name, name)
        if not any(known["column"] == column for known in self.problems):  # one sentence a cell
            self.problems.append({"column": column, "code": code, "message": message})

    def has(self, name: str) -> bool:
        return name in self.headers

    def read(self, name: str, reader: Callable[[Any], Any]) -> Any:
        """What `reader` makes of the cell; None, and a problem noted, where it refuses."""
        if name not in self.headers:
            return None
        try:
            return reader(self.cells[name])
        except KringError as error:
            self.problem(name, error.code, error.message)
            return None

    def line(self, name: str, max_length: int) -> str:
        def reader(value: Any) -> str:
            line = clean_line(values.text(value), max_length=max_length, field=name)
            return "" if values.is_nothing(line) else line

        return self.read(name, reader) or ""

    def name(self, name: str, max_length: int) -> str:
        def reader(value: Any) -> str:
            line = clean_name(values.text(value), max_length=max_length, field=name)
            values.refuse_lost_letters(line)
            return line

        return self.read(name, reader) or ""


def _names(reader: _Reader) -> dict[str, str]:
    if reader.has("full_name"):
        given, infix, family = particles.split_full(reader.name("full_name", 250))
    else:
        given, family = reader.name("given_name", 100), reader.name("family_name", 150)
        infix, family = particles.undouble(reader.name("infix", 30), family)
    for name, value in (("given_name", given), ("family_name", family)):
        column = "full_name" if reader.has("full_name") else name
        if not value and reader.has(column):
            reader.problem(column, "required", _("Write the given name and the family name."))
    return {"given_name": given, "infix": infix, "family_name": family}


def _address(reader: _Reader) -> str:
    def read(value: Any) -> str:
        line = values.text(value)
        if values.is_nothing(line):
            raise InvalidInput(_("Without an address we can invite nobody. Fill it in."), code="required")
        try:
            return checked(line)
        except InvalidInput as error:
            message = _("“%s” is not a complete e-mail address. For example: name@company.com")
            raise InvalidInput(message % values.shown(line), code="email") from error

    return reader.read("email", read) or ""


def _kinds(reader: _Reader, layout: Layout) -> dict[str, bool]:
    def read(value: Any) -> str:
        word = values.text(value).casefold()
        if word in _BOTH or word in _ALUMNUS or word in _FREELANCER or not word:
            return word
        raise InvalidInput(
            _("“%s” is not known here. Write alumnus or freelancer.") % values.shown(value), code="unknown_kind"
        )

    word = reader.read("kind", read) or layout.kind
    was_colleague = bool(reader.read("was_colleague", values.yes_or_no))
    is_freelancer = word in _FREELANCER or word in _BOTH
    return {"is_alumnus": word in _ALUMNUS or word in _BOTH or was_colleague, "is_freelancer": is_freelancer}


def _member(reader: _Reader, layout: Layout) -> dict[str, Any]:
    said = reader.read("permission", values.yes_or_no)
    return {
        **_names(reader),
        "email": _address(reader),
        "city": reader.line("city", 100),
        "country": reader.read("country", values.country),
        "language": reader.read("language", values.language),
        "permission": "" if said is None else "yes" if said else "no",
        **_kinds(reader, layout),
    }


def _employment(reader: _Reader) -> dict[str, Any] | None:
    if not reader.has("started_on"):
        return None
    started, ended = reader.read("started_on", values.date), reader.read("ended_on", values.date)
    found = {
        "role": reader.line("role", 200),
        "department": reader.line("department", 200),
        "external_id": reader.line("external_id", 100),
    }
    if started is None:
        if ended or found["role"] or found["department"]:
            reader.problem("started_on", "required", _("Fill in the first day."))
        return None
    if ended is not None and ended < started:
        reader.problem(
            "ended_on",
            "order",
            _("The last day, %(last)s, comes before the first, %(first)s. Look up which is right.")
            % {"last": f"{ended:%d-%m-%Y}", "first": f"{started:%d-%m-%Y}"},
        )
    return found | {"started_on": _iso(started), "ended_on": _iso(ended)}


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _business_number(reader: _Reader) -> dict[str, str]:
    """KvK and enterprise number stand in each other's column at the border: ten digits are Belgian."""
    numbers = {"kvk": "", "enterprise_no": ""}
    for column in numbers:

        def read(value: Any) -> tuple[str, str]:
            line = values.text(value)
            if values.is_nothing(line):
                return column, ""  # noqa: B023  called at once
            digits = sum(c.isdigit() for c in line)
            if digits == 10 or line.upper().startswith("BE"):
                return "enterprise_no", identifiers.enterprise_no(line)
            return "kvk", identifiers.kvk(line)

        kind, number = reader.read(column, read) or (column, "")
        numbers[kind] = number or numbers[kind]
    return numbers


def _freelance(reader: _Reader) -> dict[str, Any] | None:
    if not FREELANCE_FIELDS & set(reader.headers):
        return None

    def vat(value: Any) -> str:
        line = values.text(value)
        return "" if values.is_nothing(line) else identifiers.vat_id(line)

    per_hour, per_day = reader.read("rate", values.rate), reader.read("day_rate", values.rate)
    rate = per_hour or per_day or (None, None)
    hours = reader.read("hours", values.hours) or (None, None)
    until = reader.read("available_until", values.date)
    available_from = reader.read("available_from", values.availability)
    found: dict[str, Any] = {
        "trade_name": reader.line("trade_name", 200),
        **_business_number(reader),
        "vat_id": reader.read("vat_id", vat) or "",
        "rate_min": rate[0],
        "rate_max": rate[1],
        "rate_unit": "hour" if per_hour or not per_day else "day",
        "hours_min": hours[0],
        "hours_max": hours[1],
    }
    _check_together(reader, found, "rate" if per_hour else "day_rate")
    if until and available_from not in {None, "now"} and until.isoformat() < str(available_from):
        reader.problem("available_until", "order", _("The last day comes before the first. Swap them."))
    money = {name: str(found[name]) if found[name] is not None else None for name in ("rate_min", "rate_max")}
    return found | money | {"available_from": available_from, "available_until": _iso(until)}


def _check_together(reader: _Reader, found: dict[str, Any], rate_column: str) -> None:
    """The rules of the profile itself: limits, and lowest before highest."""
    try:
        profile.check_freelance(found)
    except InvalidInput as error:
        for name, code, message in error.errors:
            column = rate_column if name.startswith("rate") else "hours" if name.startswith("hours") else name
            reader.problem(column, code, message)


def parse(line: int, cells: Sequence[Any], layout: Layout) -> Row:
    """What a row says, and what is wrong with it.

    `parsed` is {"member": {given_name, infix, family_name, email, city, country, language, permission ("yes", "no" or
    ""), is_alumnus, is_freelancer}, "employment": {role, department, external_id, started_on, ended_on} or None,
    "freelance": fields of the profile (amounts as strings, `available_from` may be "now") or None, "skills": [names]};
    what the row does not say is empty or None.
    """
    reader = _Reader(cells, layout)
    if any(values.text(cell) for cell in cells[len(layout.headers) :]):
        reader.problem(
            layout.headers[-1],
            "too_many_values",
            _("The row has more values than columns. Put quotation marks round a text with a delimiter in it."),
        )
    member = _member(reader, layout)
    parsed = {
        "member": member,
        "employment": _employment(reader),
        "freelance": _freelance(reader) if member["is_freelancer"] else None,
        "skills": reader.read("skills", lambda value: profile.check_skills(values.skills(value))) or [],
    }
    row = Row(line=line, errors=reader.problems)
    row.email_key = email_key(member["email"]) if member["email"] else ""
    row.parsed = parsed if not row.errors else {"member": {k: member[k] for k in ("given_name", "family_name")}}
    return row
