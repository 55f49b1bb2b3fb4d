"""The second half of an import: write what the staged rows add. Set-based: a chunk costs the same few queries."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from alumni.consent.suppression import suppressed_keys
from alumni.joining.lease import Lease
from alumni.joining.models import ImportRow, RowAction
from alumni.joining.people import Origin, People, Person
from alumni.joining.staging import Progress, reject
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill
from alumni.members.skills import resolve, skill_key
from backend.http.errors import Conflict

CHUNK = 1000
# Somebody may sign up with an address between our look and our write; the next look sees them.
ATTEMPTS = 3
_FREELANCE_FIELDS = [field.name for field in FreelanceProfile._meta.concrete_fields if not field.primary_key]


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
    chunk = list(waiting.order_by("line")[:CHUNK])
    if not chunk:
        return 0
    suppressed = suppressed_keys(row.email_key for row in chunk)
    kept = [row for row in chunk if row.email_key not in suppressed]
    people = People((row.parsed for row in kept), origin)
    staged = {row.line: row.action for row in kept}
    for row in kept:
        row.batch = lease.batch
        try:
            row.action = people.absorb(row.line, row.parsed)
        except Conflict as error:
            reject(row, error)
    write(people)
    _settle(kept, staged)
    lease.batch.rows.filter(line__in=[row.line for row in chunk if row.email_key in suppressed]).delete()
    counts = Counter(str(row.action) for row in kept)
    counts[RowAction.SUPPRESSED.value] = len(chunk) - len(kept)
    lease.renew(counts=counts, done=len(chunk))
    return len(chunk)


def _settle(kept: Sequence[ImportRow], staged: dict[int, str]) -> None:
    """Mark rows as applied and forget what they said: from here on the members hold it."""
    landed = [row.line for row in kept if row.action != RowAction.ERROR]
    kept[0].batch.rows.filter(line__in=landed).update(applied=True, parsed={}) if landed else None
    changed = [row for row in kept if row.action != staged[row.line]]
    for row in changed:
        if row.action != RowAction.ERROR:
            row.parsed = {}
    if changed:
        ImportRow.objects.bulk_update(changed, ["action", "errors", "parsed"])


def write(people: People) -> None:
    """Store what is new and changed about these people."""
    persons = list({id(person): person for person in (*people.by_email.values(), *people.by_number.values())}.values())
    _write_members(persons)
    new = [employment for person in persons for employment in person.new_employments]
    Employment.objects.bulk_create(new)
    corrected = {employment.pk: employment for person in persons for employment in person.changed_employments}
    Employment.objects.bulk_update(corrected.values(), ["role", "department", "ended_on"], batch_size=500)
    _write_freelance(person for person in persons if person.is_freelance_changed)
    _write_skills([person for person in persons if person.new_skills])


def _write_members(persons: Sequence[Person]) -> None:
    new = [person.member for person in persons if person.is_new]
    changed = [person for person in persons if not person.is_new and person.changed]
    for member in new:
        member.derive()
    Member.objects.bulk_create(new)
    fields = {name for person in changed for name in person.changed}
    for person in changed:
        person.member.derive()
        person.member.version += 1
        person.member.updated_at = timezone.now()
    if changed:
        names = [*fields, "email_key", "sort_name", "version", "updated_at"]
        Member.objects.bulk_update([person.member for person in changed], names, batch_size=500)


def _write_freelance(persons: Iterable[Person]) -> None:
    profiles = [person.freelance for person in persons if person.freelance is not None]
    for profile in profiles:
        profile.member_id = profile.member.pk  # the member may have had no key when the profile was made
    new = [profile for profile in profiles if profile._state.adding]
    FreelanceProfile.objects.bulk_create(new)
    known = [profile for profile in profiles if profile not in new]
    FreelanceProfile.objects.bulk_update(known, _FREELANCE_FIELDS, batch_size=500)


def _write_skills(persons: Sequence[Person]) -> None:
    if not persons:
        return
    skills = resolve(name for person in persons for name in person.new_skills)
    pairs = {(person.member.pk, skills[skill_key(name)].pk) for person in persons for name in person.new_skills}
    links = [MemberSkill(member_id=member, skill_id=skill) for member, skill in sorted(pairs)]
    MemberSkill.objects.bulk_create(links, ignore_conflicts=True)
