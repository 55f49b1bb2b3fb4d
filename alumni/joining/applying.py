"""The second half of an import: write what the staged rows add. Set-based: a chunk costs the same few queries."""

from collections import Counter
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from alumni.consent.suppression import suppressed_keys
from alumni.joining.lease import Lease
from alumni.joining.models import Import, ImportRow, RowAction
from alumni.joining.people import FREELANCE_FIELDS, Origin, People, Person
from alumni.joining.staging import Progress, reject
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill
from alumni.members.skills import resolve, skill_key
from backend.http.errors import Conflict

CHUNK = 1000
# Somebody may sign up with an address between our look and our write; the next look sees them.
ATTEMPTS = 3


def run(*, lease: Lease, origin: Origin, progress: Progress) -> None:
    """Apply what is not applied yet, a chunk a transaction. Raises LeaseLost when another process took over."""
    while done := _chunk(lease, origin):
        progress(done)


def _chunk(lease: Lease, origin: Origin) -> int:
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _apply(lease, origin)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    return 0


def _apply(lease: Lease, origin: Origin) -> int:
    waiting = lease.batch.rows.filter(applied=False).exclude(action=RowAction.ERROR)
    chunk = list(waiting.order_by("line").values_list("line", "email_key", "action", "parsed", named=True)[:CHUNK])
    if not chunk:
        return 0
    suppressed = suppressed_keys(row.email_key for row in chunk)
    kept = [row for row in chunk if row.email_key not in suppressed]
    people = People((row.parsed for row in kept), origin)
    done: dict[int, str] = {}
    rejected: list[ImportRow] = []
    for row in kept:
        try:
            done[row.line] = people.absorb(row.line, row.parsed)
        except Conflict as error:
            rejected.append(reject(ImportRow(batch=lease.batch, line=row.line, parsed=row.parsed), error))
    write(people)
    _settle(lease.batch, done, {row.line: row.action for row in kept})
    ImportRow.objects.bulk_update(rejected, ["action", "errors", "parsed"])
    lease.batch.rows.filter(line__in=[row.line for row in chunk if row.email_key in suppressed]).delete()
    counts = Counter(done.values())
    counts[RowAction.SUPPRESSED.value] = len(chunk) - len(kept)
    counts[RowAction.ERROR.value] = len(rejected)
    lease.renew(counts=counts, done=len(chunk))
    return len(chunk)


def _settle(batch: Import, done: dict[int, str], staged: dict[int, str]) -> None:
    """Mark rows as applied and forget what they said: from here on the members hold it."""
    batch.rows.filter(line__in=done).update(applied=True, parsed={}, email_key="")
    for action in RowAction.values:
        if changed := [line for line, did in done.items() if did == action != staged[line]]:
            batch.rows.filter(line__in=changed).update(action=action)


def write(people: People) -> None:
    """Store what is new and changed about these people."""
    persons = list(people)
    _write_members(persons)
    _write_employments(persons, people.origin.source)
    _write_freelance([person for person in persons if person.is_freelance_changed])
    _write_skills([person for person in persons if person.new_skills])


def _write_members(persons: Sequence[Person]) -> None:
    """Who is new gets a row, and from here on a `member`."""
    changed = [person for person in persons if person.member is not None and person.values]
    new = [person for person in persons if person.member is None]
    for person in new:
        person.member = Member(**person.values)
    for person in changed:
        for name, value in person.values.items():
            setattr(person.member, name, value)
        _of(person).version += 1
        _of(person).updated_at = timezone.now()
    for person in (*new, *changed):
        _of(person).derive()
    Member.objects.bulk_create(map(_of, new))
    names = {name for person in changed for name in person.values} | {"email_key", "sort_name", "version", "updated_at"}
    Member.objects.bulk_update(map(_of, changed), names, batch_size=500)


def _of(person: Person) -> Member:
    assert person.member is not None
    return person.member


def _write_employments(persons: Sequence[Person], source: str) -> None:
    Employment.objects.bulk_create(
        Employment(member=person.member, source=source, external_id=key[0], started_on=key[1], **facts)
        for person in persons
        for key, facts in person.employments.items()
        if key not in person.employment_ids
    )
    corrected = [
        Employment(pk=person.employment_ids[key], **person.employments[key])
        for person in persons
        for key in person.corrected
    ]
    Employment.objects.bulk_update(corrected, ["role", "department", "ended_on"], batch_size=500)


def _write_freelance(persons: Sequence[Person]) -> None:
    profiles = [
        (person.has_profile, FreelanceProfile(member=person.member, **person.freelance or {})) for person in persons
    ]
    FreelanceProfile.objects.bulk_create(profile for is_known, profile in profiles if not is_known)
    known = [profile for is_known, profile in profiles if is_known]
    FreelanceProfile.objects.bulk_update(known, FREELANCE_FIELDS, batch_size=500)


def _write_skills(persons: Sequence[Person]) -> None:
    if not persons:
        return
    skills = resolve(name for person in persons for name in person.new_skills)
    pairs = {(_of(person).pk, skills[skill_key(name)].pk) for person in persons for name in person.new_skills}
    links = [MemberSkill(member_id=member, skill_id=skill) for member, skill in sorted(pairs)]
    MemberSkill.objects.bulk_create(links, ignore_conflicts=True)
