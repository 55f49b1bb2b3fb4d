"""May this message go to this member now? One function decides, for one member and for a chunk alike.

It is asked when a digest is planned and again at hand-off; what it reads is what is committed at that moment.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from alumni.accounts.service_mail import INVITATION, SERVICE_KINDS
from alumni.consent import notices, projection, suppression
from alumni.consent.models import OFFERED_PURPOSES, ConsentState
from alumni.members.models import Member

# The one kind of message that needs consent.
DIGEST = "digest"


@dataclass(frozen=True)
class Verdict:
    """Whether, and why not: `ok undeliverable suppressed restricted paused left not_joined no_consent refused withdrawn
    expired overtaken unknown_kind`."""

    allowed: bool
    reason: str


OK = Verdict(True, "ok")


@dataclass(frozen=True)
class _Facts:
    """What is known of a chunk of members, read in a constant number of queries."""

    suppressed: set[str]
    states: dict[tuple[int, str], ConsentState]
    material_since: dict[str, int]


def may_send(*, member: Member, kind: str, purpose: str | None = None, at: dt.datetime) -> Verdict:
    """The verdict on one message. `kind` is `digest` (then with a purpose), `invitation` or a service mail's."""
    if kind == DIGEST and purpose is None:
        raise ValueError("A digest is asked about per purpose")
    return _decide(member, kind, purpose, _facts([member]), at)


def verdicts(*, members: Iterable[Member], at: dt.datetime) -> dict[int, dict[str, Verdict]]:
    """{member id: {purpose: verdict on a digest}} for every offered purpose. Three queries, however many members."""
    members = list(members)
    facts = _facts(members)
    return {
        member.pk: {str(purpose): _decide(member, DIGEST, purpose, facts, at) for purpose in OFFERED_PURPOSES}
        for member in members
    }


def _facts(members: list[Member]) -> _Facts:
    states = ConsentState.objects.filter(member_id__in=[member.pk for member in members])
    return _Facts(
        suppressed=suppression.suppressed_keys(member.email for member in members),
        states={(state.member_id, state.purpose): state for state in states},
        material_since=notices.material_since(),
    )


def _decide(member: Member, kind: str, purpose: str | None, facts: _Facts, at: dt.datetime) -> Verdict:
    """The order is that of the law's reading: the address, the closed list, the person, the consent."""
    if member.undeliverable_at is not None:
        return Verdict(False, "undeliverable")
    if kind in SERVICE_KINDS:
        return OK
    if kind not in {DIGEST, INVITATION}:
        return Verdict(False, "unknown_kind")
    if member.email_key in facts.suppressed:
        return Verdict(False, "suppressed")
    if kind == DIGEST and member.is_paused(_today_of(member, at)):
        return Verdict(False, "paused")
    if member.restricted_at is not None:
        return Verdict(False, "restricted")
    if kind == INVITATION:  # joining has its own rules on top
        return OK
    if member.left_at is not None:
        return Verdict(False, "left")
    if member.joined_at is None:
        return Verdict(False, "not_joined")
    reason = projection.standing(
        facts.states.get((member.pk, str(purpose))), material_since=facts.material_since.get(str(purpose), 1), at=at
    )
    return OK if reason == "ok" else Verdict(False, reason)


def _today_of(member: Member, at: dt.datetime) -> dt.date:
    """The day that it is for the member: a pause until Friday ends at their own midnight."""
    try:
        zone = zoneinfo.ZoneInfo(member.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = zoneinfo.ZoneInfo(settings.TIME_ZONE)
    return at.astimezone(zone).date()
