"""Whom the rows of an import are about, and what each row adds to them.

A dry run and the real thing go through the same `absorb`; only the real thing writes what came of it (applying.py). A
chunk of rows costs the same few queries whoever is in it.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from alumni.accounts.addresses import email_key
from alumni.joining.models import RowAction
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill, PermissionRemark
from alumni.members.names import sort_key
from alumni.members.skills import canonical_keys, skill_key
from backend.http.errors import Conflict

_PLAIN_FIELDS = ("given_name", "family_name", "city", "country", "language")
_MONEY = frozenset({"rate_min", "rate_max"})
_DAYS = frozenset({"available_from", "available_until"})
_FACTS = ("role", "department", "ended_on")
FREELANCE_FIELDS = tuple(field.name for field in FreelanceProfile._meta.concrete_fields if not field.primary_key)

EmploymentKey = tuple[str, dt.date]  # personnel number, first day


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
    """One member as the database and the rows so far have them; what is new or changed is collected for writing.

    `member` is None for who is new; `values` holds what rows gave or changed. `employments` are the facts of each
    employment in this source, `employment_ids` the keys of those that are stored, `elsewhere` the (first day, role) of
    those that another source told.
    """

    member: Member | None
    values: dict[str, Any] = field(default_factory=dict)
    employments: dict[EmploymentKey, dict[str, Any]] = field(default_factory=dict)
    employment_ids: dict[EmploymentKey, int] = field(default_factory=dict)
    elsewhere: set[tuple[dt.date, str]] = field(default_factory=set)
    corrected: set[EmploymentKey] = field(default_factory=set)
    freelance: dict[str, Any] | None = None
    has_profile: bool = False
    is_freelance_changed: bool = False
    skills: set[str] = field(default_factory=set)
    new_skills: list[str] = field(default_factory=list)

    @property
    def has_joined(self) -> bool:
        """Who joined keeps their own profile; from then on an import only adds what the company knows best."""
        return self.member is not None and self.member.joined_at is not None

    def get(self, name: str) -> Any:
        """A field of the member as it now stands."""
        return self.values[name] if name in self.values else getattr(self.member, name)

    def set(self, name: str, value: Any) -> bool:
        """Change a field of the member; whether that changed anything."""
        if self.get(name) == value:
            return False
        self.values[name] = value
        return True


class People:
    """The people that some rows may be about: by address, and by personnel number in this source."""

    def __init__(self, rows: Iterable[dict[str, Any]], origin: Origin) -> None:
        """Load them: eight queries at most, however many rows."""
        rows = list(rows)
        self.origin = origin
        self.canonical = canonical_keys(name for row in rows for name in row["skills"])
        emails = {email_key(row["member"]["email"]) for row in rows}
        numbers = {row["employment"]["external_id"] for row in rows if row["employment"]} - {""}
        known = Employment.objects.filter(source=origin.source, external_id__in=numbers)
        owners = dict(known.values_list("external_id", "member_id"))
        members = Member.objects.filter(Q(email_key__in=emails) | Q(pk__in=set(owners.values())))
        people = {member.pk: Person(member=member) for member in members}
        self._load_parts(people)
        self.by_email = {person.get("email_key"): person for person in people.values()}
        self.by_number = {number: people[pk] for number, pk in owners.items()}

    def _load_parts(self, people: dict[int, Person]) -> None:
        if not people:
            return
        for told in Employment.objects.filter(member_id__in=people):
            person, key = people[told.member_id], (told.external_id, told.started_on)
            if told.source == self.origin.source:
                person.employments[key] = {name: getattr(told, name) for name in _FACTS}
                person.employment_ids[key] = told.pk
            else:
                person.elsewhere.add((told.started_on, told.role.casefold()))
        for profile in FreelanceProfile.objects.filter(member_id__in=people):
            values = {name: getattr(profile, name) for name in FREELANCE_FIELDS}
            people[profile.member_id].freelance, people[profile.member_id].has_profile = values, True
        links = MemberSkill.objects.filter(member_id__in=people)
        for member, skill in links.values_list("member_id", "skill__key"):
            people[member].skills.add(skill)

    def __iter__(self) -> Iterator[Person]:
        """Everybody, once."""
        return iter({id(person): person for person in (*self.by_email.values(), *self.by_number.values())}.values())

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
        if person and _is_another(person, member):
            raise Conflict(
                _("This address or personnel number belongs to somebody with another name. Look up which is right."),
                code="another_name",
            )
        return person

    def absorb(self, line: int, row: dict[str, Any]) -> str:
        """Add what a row says to its person, and tell what that does. Raises Conflict, and changes nothing then."""
        person = self.find(row)
        is_new = person is None
        person = person or self._new(row)
        changes = self._member_changes(person, line, row)
        is_added, is_corrected = self._employment(person, row["employment"])
        if not person.has_joined:
            changes += self._freelance(person, row["freelance"]) + self._skills(person, row["skills"])
        if is_new:
            return RowAction.CREATE.value
        if is_added:
            return RowAction.ADD_EMPLOYMENT.value
        return RowAction.UPDATE.value if changes or is_corrected else RowAction.SKIP.value

    def _new(self, row: dict[str, Any]) -> Person:
        said = row["member"]
        values = {name: said[name] or "" for name in ("given_name", "infix", "family_name", "email", "city")}
        values |= {
            "email_key": email_key(said["email"]),
            "country": said["country"] or self.origin.country,
            "language": said["language"] or self.origin.language,
            "is_alumnus": said["is_alumnus"],
            "is_freelancer": said["is_freelancer"],
            "permission_remark": "",
            "source": self.origin.source,
        }
        person = self.by_email[values["email_key"]] = Person(member=None, values=values)
        return person

    def _member_changes(self, person: Person, line: int, row: dict[str, Any]) -> int:
        """How many fields of the member a row changed. An import never takes a kind or an earlier 'no' away."""
        said = row["member"]
        count = sum(person.set(kind, True) for kind in ("is_alumnus", "is_freelancer") if said[kind])
        if person.has_joined:
            return count
        if said["infix"] or said["family_name"] != person.get("family_name"):
            count += person.set("infix", said["infix"])
        count += sum(person.set(name, said[name]) for name in _PLAIN_FIELDS if said[name])
        key = email_key(said["email"])
        if key != person.get("email_key"):
            del self.by_email[person.get("email_key")]
            self.by_email[key] = person
            person.set("email_key", key)
            count += person.set("email", said["email"])
        if said["permission"] and person.get("permission_remark") not in {said["permission"], PermissionRemark.NO}:
            count += person.set("permission_remark", said["permission"])
            person.values["permission_remark_from"] = self._where(line)
        return count

    def _where(self, line: int) -> str:
        return f"{self.origin.filename[:200]}, {line}, {self.origin.day.isoformat()}"

    def _employment(self, person: Person, said: dict[str, Any] | None) -> tuple[bool, bool]:
        """(whether a row adds an employment, whether it corrects one that this source gave before)."""
        if said is None:
            return False, False
        key = (said["external_id"], dt.date.fromisoformat(said["started_on"]))
        ended_on = dt.date.fromisoformat(said["ended_on"]) if said["ended_on"] else None
        facts = {"role": said["role"], "department": said["department"], "ended_on": ended_on}
        known = person.employments.get(key)
        if known is None and (key[1], said["role"].casefold()) in person.elsewhere:
            return False, False
        if known is None:
            person.employments[key] = facts
            if said["external_id"]:
                self.by_number[said["external_id"]] = person
            return True, False
        changes = {name: value for name, value in facts.items() if value and known[name] != value}
        known.update(changes)
        if changes and key in person.employment_ids:
            person.corrected.add(key)
        return False, bool(changes)

    def _freelance(self, person: Person, said: dict[str, Any] | None) -> int:
        if said is None:
            return 0
        is_new = person.freelance is None
        profile = person.freelance = person.freelance or {}
        given = {name: value for name, value in said.items() if value not in {"", None}}
        if given.get("available_from") == "now":
            known = profile.get("available_from")
            given["available_from"] = (known if known and known <= self.origin.day else self.origin.day).isoformat()
        changes = {name: value for name, raw in given.items() if profile.get(name) != (value := _typed(name, raw))}
        profile.update(changes)
        first, last = profile.get("available_from"), profile.get("available_until")
        if first and last and last < first:
            profile["available_until"] = None  # an older end that the new beginning has overtaken
        person.is_freelance_changed |= bool(changes) or is_new
        return len(changes) + is_new

    def _skills(self, person: Person, said: Sequence[str]) -> int:
        missing = {self.canonical[skill_key(name)]: name for name in said}
        missing = {key: name for key, name in missing.items() if key not in person.skills}
        person.skills |= set(missing)
        person.new_skills += missing.values()
        return len(missing)


def _typed(name: str, raw: Any) -> Any:
    return Decimal(raw) if name in _MONEY else dt.date.fromisoformat(raw) if name in _DAYS else raw


def _is_another(person: Person, said: dict[str, Any]) -> bool:
    """Whether both given and family name differ; one of them may change in a life, or be spelled otherwise."""
    if person.get("given_name") == said["given_name"] or person.get("family_name") == said["family_name"]:
        return False
    # Who signed up may have the particle in the family name: de Vries is Vries, de.
    known = (person.get("given_name"), f"{person.get('infix')} {person.get('family_name')}")
    told = (said["given_name"], f"{said['infix']} {said['family_name']}")
    return all(sort_key(mine) != sort_key(theirs) for mine, theirs in zip(known, told, strict=True))
