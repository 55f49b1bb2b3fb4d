"""Whom the rows of an import are about, and what each row adds to them.

A dry run and the real thing go through the same `absorb`; only the real thing writes what came of it (applying.py). A
chunk of rows costs the same few queries whoever is in it.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from alumni.accounts.addresses import email_key
from alumni.joining.models import RowAction
from alumni.members.models import Employment, FreelanceProfile, Member, PermissionRemark
from alumni.members.names import sort_key
from alumni.members.skills import canonical_keys, skill_key
from backend.http.errors import Conflict

_PLAIN_FIELDS = ("given_name", "family_name", "city", "country", "language")
_MONEY = frozenset({"rate_min", "rate_max"})
_DAYS = frozenset({"available_from", "available_until"})


@dataclass(frozen=True)
class Origin:
    """Where rows come from, and what holds for those that do not say."""

    source: str
    filename: str
    day: dt.date
    country: str
    language: str


@dataclass
class Person:
    """One member as the database and the rows so far have them; what is new or changed is collected for writing."""

    member: Member
    employments: dict[tuple[str, dt.date], Employment] = field(default_factory=dict)
    freelance: FreelanceProfile | None = None
    skills: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    new_employments: list[Employment] = field(default_factory=list)
    changed_employments: list[Employment] = field(default_factory=list)
    is_freelance_changed: bool = False
    new_skills: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.member.pk is None

    @property
    def has_joined(self) -> bool:
        """Who joined keeps their own profile; from then on an import only adds what the company knows best."""
        return self.member.joined_at is not None

    def set(self, name: str, value: Any) -> bool:
        """Change a field of the member; whether that changed anything."""
        if getattr(self.member, name) == value:
            return False
        setattr(self.member, name, value)
        self.changed.add(name)
        return True


class People:
    """The people that some rows may be about: by address, and by personnel number in this source."""

    def __init__(self, rows: Iterable[dict[str, Any]], origin: Origin) -> None:
        """Load them: eight queries at most, however many rows."""
        rows = list(rows)
        self.origin = origin
        self.by_email: dict[str, Person] = {}
        self.by_number: dict[str, Person] = {}
        emails = {email_key(row["member"]["email"]) for row in rows}
        numbers = {row["employment"]["external_id"] for row in rows if row["employment"]} - {""}
        known = Employment.objects.filter(source=origin.source, external_id__in=numbers)
        owners = dict(known.values_list("external_id", "member_id")) if numbers else {}
        found = Member.objects.filter(email_key__in=emails).in_bulk()
        found |= Member.objects.in_bulk(set(owners.values()) - set(found)) if set(owners.values()) - set(found) else {}
        self.canonical = canonical_keys(name for row in rows for name in row["skills"])
        people = {pk: Person(member=member) for pk, member in found.items()}
        self._load_parts(people)
        self.by_email = {person.member.email_key: person for person in people.values()}
        self.by_number = {number: people[pk] for number, pk in owners.items() if pk in people}

    def _load_parts(self, people: dict[int, Person]) -> None:
        if not people:
            return
        for employment in Employment.objects.filter(member_id__in=people, source=self.origin.source):
            people[employment.member_id].employments[employment.external_id, employment.started_on] = employment
        for freelance in FreelanceProfile.objects.filter(member_id__in=people):
            people[freelance.member_id].freelance = freelance
        links = Member.objects.filter(pk__in=people, member_skills__isnull=False)
        for pk, key in links.values_list("pk", "member_skills__skill__key"):
            people[pk].skills.add(key)

    def find(self, row: dict[str, Any]) -> Person | None:
        """Who a row is about. Raises Conflict when address and number point at two people, or at another name."""
        member, employment = row["member"], row["employment"]
        by_email = self.by_email.get(email_key(member["email"]))
        by_number = self.by_number.get(employment["external_id"]) if employment else None
        if by_email and by_number and by_email is not by_number:
            raise Conflict(
                _("The address belongs to one person and the personnel number to another. Look up which is right."),
                code="two_people",
            )
        person = by_email or by_number
        if person and _is_another(person.member, member):
            raise Conflict(
                _("This address or personnel number belongs to somebody with another name. Look up which is right."),
                code="another_name",
            )
        return person

    def absorb(self, line: int, row: dict[str, Any]) -> RowAction:
        """Add what a row says to its person, and tell what that does. Raises Conflict, and changes nothing then."""
        person = self.find(row)
        if person is None:
            person = self._new(row)
            action = RowAction.CREATE
        else:
            action = RowAction.SKIP
        changes = self._member_changes(person, line, row)
        added, corrected = self._employment(person, row["employment"])
        if not person.has_joined:
            changes += self._freelance(person, row["freelance"]) + self._skills(person, row["skills"])
        if action != RowAction.CREATE and added:
            action = RowAction.ADD_EMPLOYMENT
        elif action != RowAction.CREATE and (changes or corrected):
            action = RowAction.UPDATE
        return action

    def _new(self, row: dict[str, Any]) -> Person:
        said = row["member"]
        member = Member(
            **{name: said[name] or "" for name in ("given_name", "infix", "family_name", "email", "city")},
            country=said["country"] or self.origin.country,
            language=said["language"] or self.origin.language,
            is_alumnus=said["is_alumnus"],
            is_freelancer=said["is_freelancer"],
            source=self.origin.source,
        )
        member.derive()
        person = Person(member=member)
        self.by_email[member.email_key] = person
        return person

    def _member_changes(self, person: Person, line: int, row: dict[str, Any]) -> int:
        """How many fields of the member a row changed. An import never takes a kind or an earlier 'no' away."""
        said, member = row["member"], person.member
        count = sum(person.set(kind, True) for kind in ("is_alumnus", "is_freelancer") if said[kind])
        if person.has_joined:
            return count
        if said["infix"] or said["family_name"] != member.family_name:
            count += person.set("infix", said["infix"])
        count += sum(person.set(name, said[name]) for name in _PLAIN_FIELDS if said[name])
        if email_key(said["email"]) != member.email_key:
            self.by_email.pop(member.email_key, None)
            count += person.set("email", said["email"])
            member.derive()
            self.by_email[member.email_key] = person
        remark = said["permission"]
        if remark and member.permission_remark not in {remark, PermissionRemark.NO}:
            count += person.set("permission_remark", remark)
            person.set("permission_remark_from", self._where(line))
        return count

    def _where(self, line: int) -> str:
        return f"{self.origin.filename[:200]}, {line}, {self.origin.day.isoformat()}"

    def _employment(self, person: Person, said: dict[str, Any] | None) -> tuple[bool, bool]:
        """(whether a row adds an employment, whether it corrects one that this source gave before)."""
        if said is None:
            return False, False
        values = said | {
            "started_on": dt.date.fromisoformat(said["started_on"]),
            "ended_on": dt.date.fromisoformat(said["ended_on"]) if said["ended_on"] else None,
        }
        key = (values["external_id"], values["started_on"])
        known = person.employments.get(key)
        if known is None:
            made = Employment(member=person.member, source=self.origin.source, **values)
            person.employments[key] = made
            person.new_employments.append(made)
            if values["external_id"]:
                self.by_number[values["external_id"]] = person
            return True, False
        changes = {name: values[name] for name in ("role", "department", "ended_on") if values[name]}
        is_changed = any(getattr(known, name) != value for name, value in changes.items())
        for name, value in changes.items():
            setattr(known, name, value)
        if is_changed and known.pk is not None:
            person.changed_employments.append(known)
        return False, is_changed

    def _freelance(self, person: Person, said: dict[str, Any] | None) -> int:
        if said is None:
            return 0
        values = {name: value for name, value in said.items() if value not in {"", None}}
        if values.get("available_from") == "now":
            known = person.freelance and person.freelance.available_from
            values["available_from"] = (known if known and known <= self.origin.day else self.origin.day).isoformat()
        is_new = person.freelance is None
        profile = person.freelance = person.freelance or FreelanceProfile(member=person.member)
        count = 0
        for name, raw in values.items():
            value = Decimal(raw) if name in _MONEY else dt.date.fromisoformat(raw) if name in _DAYS else raw
            count += getattr(profile, name) != value
            setattr(profile, name, value)
        if profile.available_from and profile.available_until and profile.available_until < profile.available_from:
            profile.available_until = None  # an older end that the new beginning has overtaken
        person.is_freelance_changed |= bool(count) or is_new
        return count + is_new

    def _skills(self, person: Person, said: Sequence[str]) -> int:
        missing = {self.canonical[skill_key(name)]: name for name in said}
        missing = {key: name for key, name in missing.items() if key not in person.skills}
        person.skills |= set(missing)
        person.new_skills += missing.values()
        return len(missing)


def _is_another(member: Member, said: dict[str, Any]) -> bool:
    """Whether both given and family name differ; one of them may change in a life, or be spelled otherwise."""
    return sort_key(member.given_name) != sort_key(said["given_name"]) and sort_key(member.family_name) != sort_key(
        said["family_name"]
    )
