"""The append-only ledger of consent: the only code that writes events.

Each writing function locks the members' rows first and the ledger's head last, so that there is one writer of the chain
at a time and no two wait for each other. `record_shape` says what is hashed.
"""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.accounts.addresses import keyed_hash
from alumni.consent import acknowledgement, notices, projection
from alumni.consent.acts import NEVER_GIVES, ONE_CLICK_WORDS, Act, Method
from alumni.consent.canonical import digest
from alumni.consent.models import (
    IN_FORCE,
    OFFERED_PURPOSES,
    ConsentEvent,
    ConsentEvidence,
    ConsentRecord,
    ConsentState,
    LedgerHead,
    NoticeText,
    Purpose,
    State,
)
from alumni.consent.record_shape import event_object, hashed_part, record_digest
from alumni.consent.signals import consent_changed
from alumni.members.models import Member
from backend.http.errors import Conflict, InvalidInput, NotFound

__all__ = ["Act", "Change", "choose", "head", "record", "renew", "withdraw"]

# States that answer a question: their record is that of the notice on the screen. The others end or change a consent
# that was given: theirs is the record of that consent.
_ANSWERS = frozenset({State.REQUESTED, State.GIVEN, State.REFUSED, State.RENEWED})


@dataclass(frozen=True)
class Change:
    """One event to be: whose, what for, which state, in which words (None: the words of the box)."""

    member: Member
    purpose: str
    state: str
    expression: str | None = None


def head() -> LedgerHead:
    """The last event's place and hash. One query."""
    return LedgerHead.objects.filter(pk=1).first() or LedgerHead(pk=1)


@transaction.atomic
def choose(
    *,
    member: Member,
    choices: dict[str, bool],
    act: Act,
    expressions: dict[str, str] | None = None,
    at: dt.datetime | None = None,
) -> list[ConsentEvent]:
    """Make the member's consents what they chose: {purpose: yes or no}. Returns the events, none when nothing changes.

    Yes gives, unless a consent that still counts is in force. No withdraws what is in force, refuses what was never
    answered, and else does nothing. Purposes that are not named stay as they are. Raises InvalidInput
    (`unknown_purpose`) and Conflict (`no_notice`) when a purpose has no notice in the language of the act.
    """
    at = at or timezone.now()
    if unknown := [purpose for purpose, wanted in choices.items() if not _may_answer(purpose, wanted)]:
        raise _unknown(unknown)
    if not _lock([member.pk]):
        raise NotFound(_("This member is no longer here."), code="member_gone")
    states = _states([member.pk])
    material = notices.material_since() if any(choices.values()) else {}
    changes = []
    for purpose in [purpose for purpose in Purpose if purpose in choices]:
        state = _next_state(states.get((member.pk, purpose)), choices[purpose], at, material.get(purpose, 1))
        if state is not None:
            changes.append(Change(member, purpose, state, (expressions or {}).get(purpose)))
    return _append(changes, act, at, states)


@transaction.atomic
def withdraw(*, member: Member, purposes: Iterable[str], act: Act, at: dt.datetime | None = None) -> list[ConsentEvent]:
    """Withdraw those of the purposes that are in force; a repeat does nothing. Works for purposes no longer offered."""
    at = at or timezone.now()
    wanted = set(purposes)
    if unknown := wanted - set(Purpose.values):
        raise _unknown(sorted(unknown))
    present = _lock([member.pk])
    states = _states([member.pk])
    changes = [
        Change(member, purpose, State.WITHDRAWN)
        for purpose in Purpose.values
        if present and purpose in wanted and _is_in_force(states.get((member.pk, purpose)))
    ]
    return _append(changes, act, at, states)


@transaction.atomic
def renew(*, member: Member, purposes: Iterable[str], act: Act, at: dt.datetime | None = None) -> list[ConsentEvent]:
    """Prolong consents that are in force, on the notice of today; what is not in force can only be given anew."""
    at = at or timezone.now()
    wanted = set(purposes)
    present = _lock([member.pk])
    states = _states([member.pk])
    changes = [
        Change(member, purpose, State.RENEWED)
        for purpose in Purpose.values
        if present
        and purpose in wanted
        and projection.standing(states.get((member.pk, purpose)), material_since=1, at=at) == "ok"
    ]
    return _append(changes, act, at, states)


@transaction.atomic
def record(changes: Sequence[Change], act: Act, at: dt.datetime | None = None) -> list[ConsentEvent]:
    """Append many changes, of many members, by one act, in one transaction with a constant number of queries.

    The caller has decided what changes; for a person's own choice use `choose`. Members who were erased meanwhile are
    passed over. Chunks of up to 1,000 keep the wait of others short.
    """
    ids = sorted({change.member.pk for change in changes})
    present = _lock(ids)
    changes = [change for change in changes if change.member.pk in present]
    return _append(changes, act, at or timezone.now(), _states(ids))


def _may_answer(purpose: str, wanted: bool) -> bool:
    """Only what is offered can be given; whatever exists can be ended."""
    return purpose in (OFFERED_PURPOSES if wanted else Purpose.values)


def _unknown(purposes: Sequence[str]) -> InvalidInput:
    message = _("There is no purpose of this name. Known: %s.") % ", ".join(OFFERED_PURPOSES)
    errors = [(f"consents.{purpose}", "unknown_purpose", message) for purpose in purposes]
    return InvalidInput(message, code="unknown_purpose", errors=errors)


def _lock(member_ids: Iterable[int]) -> set[int]:
    """Lock the members' rows; returns those that are still there: nothing is written on who was erased meanwhile."""
    rows = Member.objects.select_for_update().filter(pk__in=list(member_ids)).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _states(member_ids: Iterable[int]) -> dict[tuple[int, str], ConsentState]:
    rows = ConsentState.objects.filter(member_id__in=list(member_ids))
    return {(row.member_id, row.purpose): row for row in rows}


def _is_in_force(state: ConsentState | None) -> bool:
    return state is not None and state.state in IN_FORCE


def _next_state(state: ConsentState | None, wanted: bool, at: dt.datetime, material_since: int) -> str | None:
    """Which event a choice makes, if any."""
    if wanted:
        counts = projection.standing(state, material_since=material_since, at=at) == "ok"
        return None if counts else State.GIVEN
    if _is_in_force(state):
        return State.WITHDRAWN
    return State.REFUSED if state is None or state.state == State.REQUESTED else None


def _append(
    changes: Sequence[Change], act: Act, at: dt.datetime, states: dict[tuple[int, str], ConsentState]
) -> list[ConsentEvent]:
    if not changes:
        return []
    if act.method in NEVER_GIVES and any(change.state in IN_FORCE for change in changes):
        raise ValueError(f"{act.method} gives no consent")
    # Whole seconds, as they are hashed; the digest must come out of the stored row.
    at = at.replace(microsecond=0)
    records = _records(changes, _texts(changes, act, states), at)
    events, evidence = _chain(changes, records, act, at)
    ConsentEvent.objects.bulk_create(events, batch_size=500)
    ConsentEvidence.objects.bulk_create(evidence, batch_size=500)
    # Of several events for one pair the last one counts.
    states_after = {
        (change.member.pk, event.purpose): projection.state_after(change.member.pk, event)
        for change, event in zip(changes, events, strict=True)
    }
    projection.write(states_after.values())
    LedgerHead.objects.filter(pk=1).update(seq=events[-1].seq, hash=events[-1].hash)
    acknowledgement.acknowledge(changes=changes, events=events, act=act)
    _announce(changes)
    return events


def _texts(changes: Sequence[Change], act: Act, states: dict[tuple[int, str], ConsentState]) -> list[NoticeText]:
    """For each change the notice text whose record it belongs to."""
    shown = notices.current(act.language) if any(change.state in _ANSWERS for change in changes) else {}
    ended = [states[change.member.pk, change.purpose].event_seq for change in changes if change.state not in _ANSWERS]
    given_on = {
        event.seq: event.record.notice_text
        for event in ConsentEvent.objects.filter(seq__in=ended).select_related("record__notice_text__notice")
    }
    texts = []
    for change in changes:
        if change.state not in _ANSWERS:
            texts.append(given_on[states[change.member.pk, change.purpose].event_seq])
        elif change.purpose in shown:
            texts.append(shown[change.purpose])
        else:
            message = _("There is no published notice for “%(purpose)s” in %(language)s.")
            raise Conflict(message % {"purpose": change.purpose, "language": act.language}, code="no_notice")
    return texts


def _records(changes: Sequence[Change], texts: list[NoticeText], at: dt.datetime) -> list[ConsentRecord]:
    """For each change its record, made where this member meets this notice text for the first time."""
    keys = [(change.member.uid, text.pk) for change, text in zip(changes, texts, strict=True)]
    by_id = {text.pk: text for text in texts}
    found: dict[tuple[object, int], ConsentRecord] = {}
    for row in ConsentRecord.objects.filter(principal_uid__in={uid for uid, _text in keys}, notice_text__in=set(by_id)):
        row.notice_text = by_id[row.notice_text_id]
        found[row.principal_uid, row.notice_text_id] = row
    missing = []
    for uid, text_id in keys:
        if (uid, text_id) not in found:
            row = ConsentRecord(principal_uid=uid, notice_text=by_id[text_id], created_at=at)
            row.record_sha256 = record_digest(row, by_id[text_id])
            found[uid, text_id] = row
            missing.append(row)
    ConsentRecord.objects.bulk_create(missing, batch_size=500)
    return [found[key] for key in keys]


def _chain(
    changes: Sequence[Change], records: list[ConsentRecord], act: Act, at: dt.datetime
) -> tuple[list[ConsentEvent], list[ConsentEvidence]]:
    """The events with their hashes, each tied to the one before. Locks the head: from here on nobody else appends."""
    last = LedgerHead.objects.select_for_update().get_or_create(pk=1)[0]
    seq, prev_hash = last.seq, last.hash
    events, evidence = [], []
    for change, consent_record in zip(changes, records, strict=True):
        seq += 1
        event, parts = _event(change, consent_record, act, at, seq, prev_hash)
        events.append(event)
        evidence.append(parts)
        prev_hash = event.hash
    return events, evidence


def _event(
    change: Change, consent_record: ConsentRecord, act: Act, at: dt.datetime, seq: int, prev_hash: str
) -> tuple[ConsentEvent, ConsentEvidence]:
    email_hmac, key_id = keyed_hash(change.member.email)
    person = act.person(secrets.token_hex(16))
    link = {"salt": secrets.token_hex(16), "email_hmac": email_hmac, "hmac_key_id": key_id}
    in_force = change.state in IN_FORCE
    event = ConsentEvent(
        seq=seq,
        record=consent_record,
        purpose=change.purpose,
        principal_uid=change.member.uid,
        state=change.state,
        event_time=at,
        validity_duration=f"P{consent_record.notice_text.notice.validity_months}M" if in_force else None,
        method=act.method,
        channel=act.channel,
        form_version=act.form_version,
        expression=_words(change, consent_record.notice_text, act),
        locale=act.locale,
        actor=act.actor,
        doi_sent_at=act.doi_sent_at and act.doi_sent_at.replace(microsecond=0),
        doi_confirmed_at=act.doi_confirmed_at and act.doi_confirmed_at.replace(microsecond=0),
        person_sha256=digest(person),
        link_sha256=digest(link),
        record_sha256=consent_record.record_sha256,
        prev_hash=prev_hash,
    )
    event.hash = digest(hashed_part(event_object(event)))
    return event, ConsentEvidence(event=event, person=person, link=link)


def _words(change: Change, text: NoticeText, act: Act) -> str:
    """The exact words of the act: what the caller saw pressed, else the label of the box."""
    if change.expression:
        return change.expression[:500]
    return ONE_CLICK_WORDS if act.method == Method.ONE_CLICK else text.label


def _announce(changes: Sequence[Change]) -> None:
    purposes: dict[int, list[str]] = {}
    for change in changes:
        purposes.setdefault(change.member.pk, []).append(str(change.purpose))
    for member_id, names in purposes.items():
        consent_changed.send(sender=ConsentEvent, member_id=member_id, purposes=names)
