"""What a member's profile may become. The API, the member's pages and the back office all write through here.

Each function raises InvalidInput with one entry per field at fault and writes nothing then, LostUpdate when
`expected_version` is given and somebody else was first, and raises `member.version`.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.members import countries, identifiers, skills
from alumni.members.models import FreelanceProfile, Language, Member, RateUnit
from alumni.members.names import clean_line, clean_name
from backend.http.errors import InvalidInput, KringError, LostUpdate

MAX_HOURS = 80
MAX_RATE = Decimal("9999999.99")
_AVAILABILITY = {"available_from", "available_until", "hours_min", "hours_max"}


def _invalid(problems: list[tuple[str, str, str]]) -> InvalidInput:
    return InvalidInput(_("Something in what you sent needs mending; see errors."), errors=problems)


def _as_it_is(value: Any, _field: str) -> Any:
    return value


def _required(value: str, field: str) -> str:
    if not value:
        raise InvalidInput(_("Fill this in."), code="required", field=field)
    return value


def _one_of(value: str, known: frozenset[str] | set[str], field: str) -> str:
    if value not in known:
        raise InvalidInput(
            _("“%(value)s” is not known here. Choose one of: %(known)s.")
            % {"value": value[:40], "known": ", ".join(sorted(known)[:12])},
            code="unknown_choice",
            field=field,
        )
    return value


# How each field of Member is checked: (value, field name) -> value as kept.
_MEMBER_RULES: dict[str, Callable[[Any, str], Any]] = {
    "given_name": lambda value, field: _required(clean_name(value, max_length=100, field=field), field),
    "infix": lambda value, field: clean_name(value, max_length=30, field=field),
    "family_name": lambda value, field: _required(clean_name(value, max_length=150, field=field), field),
    "city": lambda value, field: clean_line(value, max_length=100, field=field),
    "country": lambda value, field: _one_of(value.upper(), countries.CODES, field),
    "language": lambda value, field: _one_of(value, set(Language.values), field),
    "timezone": lambda value, field: _one_of(value, available_timezones(), field),
    "paused_until": _as_it_is,
}


def _rate(value: Decimal | None, field: str) -> Decimal | None:
    if value is not None and not Decimal("0.01") <= value <= MAX_RATE:
        raise InvalidInput(_("Write a rate above 0, like 85 or 85.50."), code="rate", field=field)
    return value


def _hours(value: int | None, field: str) -> int | None:
    if value is not None and not 1 <= value <= MAX_HOURS:
        raise InvalidInput(_("Write hours a week from 1 to %d.") % MAX_HOURS, code="hours", field=field)
    return value


_FREELANCE_RULES: dict[str, Callable[[Any, str], Any]] = {
    "trade_name": lambda value, field: clean_line(value, max_length=200, field=field),
    "kvk": lambda value, field: identifiers.kvk(value, field=field),
    "enterprise_no": lambda value, field: identifiers.enterprise_no(value, field=field),
    "vat_id": lambda value, field: identifiers.vat_id(value, field=field),
    "rate_min": _rate,
    "rate_max": _rate,
    "currency": lambda value, field: _one_of(value, frozenset({"EUR"}), field),
    "rate_unit": lambda value, field: _one_of(value, set(RateUnit.values), field),
    "hours_min": _hours,
    "hours_max": _hours,
    "available_from": _as_it_is,
    "available_until": _as_it_is,
}
# (lower field, upper field, what to say when they are the wrong way round)
_PAIRS = (
    ("rate_min", "rate_max", gettext_lazy("The highest rate is below the lowest. Swap them.")),
    ("hours_min", "hours_max", gettext_lazy("The most hours are below the least. Swap them.")),
    ("available_from", "available_until", gettext_lazy("The last day comes before the first. Swap them.")),
)


def _checked(values: dict[str, Any], rules: dict[str, Callable[[Any, str], Any]]) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    problems: list[tuple[str, str, str]] = []
    for field, value in values.items():
        if field not in rules:
            problems.append((field, "unknown_field", _("There is no field of this name.")))
            continue
        try:
            clean[field] = rules[field](value, field)
        except KringError as error:
            problems.append((field, error.code, error.message))
    if problems:
        raise _invalid(problems)
    return clean


def check_freelance(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a freelance profile as they will be kept. Reads and writes nothing; raises InvalidInput."""
    clean = _checked(values, _FREELANCE_RULES)
    problems = []
    for lower, upper, message in _PAIRS:
        low, high = clean.get(lower), clean.get(upper)
        if low is not None and high is not None and low > high:
            problems.append((upper, "order", str(message)))
    if problems:
        raise _invalid(problems)
    return clean


def check_member(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a member as they will be kept. Reads and writes nothing; raises InvalidInput."""
    return _checked(values, _MEMBER_RULES)


def _lock(member: Member, expected_version: int | None) -> Member:
    locked = Member.objects.select_for_update().get(pk=member.pk)
    if expected_version is not None and locked.version != expected_version:
        raise LostUpdate(_("This was changed in the meantime. Read it again, then decide."), code="changed_meanwhile")
    return locked


def _raise_version(member: Member, locked: Member, fields: set[str]) -> None:
    locked.version += 1
    locked.save(update_fields={*fields, "version"})
    for field in {*fields, "version", "sort_name", "updated_at"}:
        setattr(member, field, getattr(locked, field))


@transaction.atomic
def update(*, member: Member, changes: dict[str, Any], expected_version: int | None = None) -> Member:
    """Change names, place, language, time zone or pause. Changes that change nothing raise no version."""
    locked = _lock(member, expected_version)
    clean = check_member(changes)
    fields = {field for field, value in clean.items() if getattr(locked, field) != value}
    for field in fields:
        setattr(locked, field, clean[field])
    if fields:
        _raise_version(member, locked, fields)
    return member


@transaction.atomic
def set_freelance(*, member: Member, values: dict[str, Any], expected_version: int | None = None) -> FreelanceProfile:
    """Make or change the freelance profile; fields that are not named keep their value.

    Whoever has one is a freelancer. Naming hours or availability confirms them as of today.
    """
    locked = _lock(member, expected_version)
    profile = FreelanceProfile.objects.filter(member=locked).first() or FreelanceProfile(member=locked)
    kept = {field: getattr(profile, field) for field in _FREELANCE_RULES}
    checked = check_freelance(kept | values)
    for field, value in checked.items():
        setattr(profile, field, value)
    if _AVAILABILITY & set(values):
        profile.available_confirmed_on = today(locked)
    profile.save()
    locked.is_freelancer = True
    _raise_version(member, locked, {"is_freelancer"})
    return profile


@transaction.atomic
def remove_freelance(*, member: Member, expected_version: int | None = None) -> None:
    """Take the freelance profile away. Who is a former colleague too is no freelancer from then on."""
    locked = _lock(member, expected_version)
    FreelanceProfile.objects.filter(member=locked).delete()
    locked.is_freelancer = not locked.is_alumnus
    _raise_version(member, locked, {"is_freelancer"})


@transaction.atomic
def set_skills(*, member: Member, names: list[str], expected_version: int | None = None) -> None:
    """Make these the member's skills, and no others."""
    locked = _lock(member, expected_version)
    skills.set_skills(member=locked, names=check_skills(names))
    _raise_version(member, locked, set())


def check_skills(names: list[str], field: str = "skills") -> list[str]:
    """Skills as they will be kept, the first spelling of each. Raises InvalidInput for too many or unreadable ones."""
    clean: dict[str, str] = {}
    for name in names:
        line = clean_line(name, max_length=100, field=field)
        if line and not skills.skill_key(line):
            raise InvalidInput(_("A skill has at least one letter or digit."), code="skill", field=field)
        if line:
            clean.setdefault(skills.skill_key(line), line)
    if len(clean) > skills.MAX_SKILLS:
        raise InvalidInput(
            _("List at most %d skills: the ones you want to be found by.") % skills.MAX_SKILLS,
            code="too_many",
            field=field,
        )
    return list(clean.values())


def today(member: Member) -> dt.date:
    """The day it is where the member is."""
    return timezone.now().astimezone(ZoneInfo(member.timezone)).date()
