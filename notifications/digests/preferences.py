"""When a member wants their digest, and when the next one is due.

`next_due` is the one wake-up: a column with an index, in UTC, null while nothing may be mailed. A slot is a weekday and
an hour in the member's own time zone, plus a few minutes that spread the members, so that Tuesday nine o'clock is not
one instant. Posts are not bound to a slot (a digest holds what the member had not yet), so moving one loses and repeats
nothing.
"""

import datetime as dt
import zlib
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from alumni.consent.models import IN_FORCE, MAIL_PURPOSES, ConsentState
from alumni.members.models import Language, Member
from backend.http.errors import InvalidInput
from notifications.digests.models import Digest, DigestState, Frequency, Preference, Weekday

JITTER_MINUTES = 30
# The least number of days from one digest to the next. A month's slots lie 28 or 35 days apart (the first Tuesday): the
# gap only keeps the first digest after joining and the first slot of the next month from following on each other.
GAP_DAYS: dict[str, int] = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14, Frequency.MONTHLY: 21}
# A run that comes late (a server was down) counts as on time for the rhythm until this long after the slot.
LATE = dt.timedelta(days=3)
# Digests in these states brought nothing, so they do not count for the gap.
NOTHING_SENT = (DigestState.WITHHELD, DigestState.CLOSED, DigestState.SET_ASIDE, DigestState.FAILED)
ON_PREFERENCE = ("frequency", "weekday", "hour")
ON_MEMBER = ("timezone", "language", "paused_until")


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name, or the company's where a member's row names none that this machine knows."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


def jitter(member_id: int) -> dt.timedelta:
    """The same few minutes for a member, always."""
    return dt.timedelta(minutes=zlib.crc32(str(member_id).encode()) % JITTER_MINUTES)


def next_due(preference: Preference, timezone: str, after: dt.datetime, last: dt.datetime | None = None) -> dt.datetime:
    """The first slot later than `after`, at least the rhythm's gap after `last`, the slot of the last digest.

    A local time that the clock skips in spring comes an hour later; one that comes twice in autumn is its first.
    """
    zone = zone_of(timezone)
    day = after.astimezone(zone).date()
    if last is not None:
        day = max(day, last.astimezone(zone).date() + dt.timedelta(days=GAP_DAYS[preference.frequency]))
    while True:
        day += dt.timedelta(days=(preference.weekday - day.isoweekday()) % 7)
        slot = dt.datetime.combine(day, dt.time(preference.hour), tzinfo=zone) + jitter(preference.member_id)
        # Arithmetic on an aware time is wall-clock time; only UTC tells which moment it is.
        moment = slot.astimezone(dt.UTC)
        if moment > after and (preference.frequency != Frequency.MONTHLY or day.day <= 7):
            return moment
        day += dt.timedelta(days=1)


def after_run(preference: Preference, timezone: str, at: dt.datetime, *, has_digest: bool) -> dt.datetime:
    """When the next digest is due, for a member whom a run looked at. An empty period does not use up the gap."""
    due = preference.next_due or at
    return next_due(preference, timezone, at, last=max(min(due, at), at - LATE) if has_digest else None)


def _last_digest(member_id: int) -> dt.datetime | None:
    sent = Digest.objects.filter(member_id=member_id).exclude(state__in=NOTHING_SENT)
    return sent.order_by("-due_at").values_list("due_at", flat=True).first()


def _wants_mail(member_id: int) -> bool:
    return ConsentState.objects.filter(member_id=member_id, purpose__in=MAIL_PURPOSES, state__in=IN_FORCE).exists()


def current(member: Member) -> Preference:
    """The member's preference for looking at; a default that is not stored while they have none. Writes nothing."""
    return Preference.objects.filter(member=member).first() or Preference(member=member)


@transaction.atomic
def ensure(member: Member) -> Preference:
    """The member's preference, made where it is missing, with `next_due` in step with their consents.

    Who has a mail purpose in force is due: now, if they never had a digest (the first comes with the next run), else at
    their next slot. Who has none is never due.
    """
    preference, _made = Preference.objects.select_for_update().get_or_create(member=member)
    if not _wants_mail(member.pk):
        moment = None
    elif preference.next_due is not None:
        return preference
    else:
        last, now = _last_digest(member.pk), clock.now()
        moment = next_due(preference, member.timezone, now, last) if last else now
    if preference.next_due != moment:
        preference.next_due = moment
        preference.save(update_fields=["next_due"])
    return preference


def _check(changes: dict[str, Any]) -> None:
    errors = []
    if "timezone" in changes and changes["timezone"] not in available_timezones():
        errors.append(("timezone", "unknown_timezone", _("Name a time zone as in Europe/Amsterdam.")))
    if "frequency" in changes and changes["frequency"] not in Frequency.values:
        errors.append(("frequency", "invalid_choice", _("Choose one of: %s.") % ", ".join(Frequency.values)))
    if "weekday" in changes and changes["weekday"] not in Weekday.values:
        errors.append(("weekday", "invalid_choice", _("A day is a number from 1 (Monday) to 7 (Sunday).")))
    if "hour" in changes and changes["hour"] not in range(24):
        errors.append(("hour", "invalid_choice", _("An hour is a number from 0 to 23.")))
    if "language" in changes and changes["language"] not in Language.values:
        errors.append(("language", "invalid_choice", _("Choose one of: %s.") % ", ".join(Language.values)))
    if unknown := sorted(set(changes) - {*ON_PREFERENCE, *ON_MEMBER}):
        errors.append((unknown[0], "unknown_field", _("This cannot be set here.")))
    if errors:
        raise InvalidInput(errors[0][2], code=errors[0][1], field=errors[0][0], errors=errors)


@transaction.atomic
def update(*, member: Member, **changes: Any) -> Preference:
    """Change rhythm, language, time zone or pause; returns the preference, whose `version` rose if anything changed.

    `changes`: frequency, weekday, hour, timezone, language, paused_until (a date, that day included; None ends the
    pause). A digest that is due already stays due; else the next slot follows the new rhythm. Raises InvalidInput.
    """
    _check(changes)
    member.__class__.objects.select_for_update().get(pk=member.pk)  # always before the preference: one order of locks
    preference = Preference.objects.select_for_update().get(pk=ensure(member).pk)
    ours = {
        name: changes[name] for name in ON_PREFERENCE if name in changes and getattr(preference, name) != changes[name]
    }
    theirs = {name: changes[name] for name in ON_MEMBER if name in changes and getattr(member, name) != changes[name]}
    for name, value in ours.items():
        setattr(preference, name, value)
    for name, value in theirs.items():
        setattr(member, name, value)
    if theirs:
        member.version = F("version") + 1
        member.save(update_fields=[*theirs, "version"])
        member.refresh_from_db(fields=["version", *theirs])
    if ours or theirs:
        now = clock.now()
        if (ours or "timezone" in theirs) and preference.next_due is not None and preference.next_due > now:
            preference.next_due = next_due(preference, member.timezone, now, _last_digest(member.pk))
        preference.version += 1
        preference.save(update_fields=[*ours, "next_due", "version"])
    return preference
