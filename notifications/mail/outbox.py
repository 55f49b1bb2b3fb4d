"""Hands service mail over: claim, commit, act, settle. The rows are written by `backend.py`.

A mail at a time is on the wire, so a worker that dies leaves at most one unconfirmed. The address and the text are
blanked at settlement: what stays of a mail is its kind, its state and the server's answer.
"""

import datetime as dt
from typing import NamedTuple

import structlog
from django.utils import timezone

from alumni.accounts.addresses import email_key
from alumni.accounts.models import Organisation
from alumni.accounts.organisation import the_organisation
from alumni.accounts.service_mail import INVITATION, NONE, STAFF_KINDS
from alumni.consent import gate, suppression
from notifications.mail import bounces, claims, smtp
from notifications.mail.message import bounce_address, why_nothing_may_leave
from notifications.mail.models import MailState, ServiceMail

log = structlog.get_logger(__name__)

CLAIM = 20
BLANK = {"to": "", "body": b""}


class Refusal(NamedTuple):
    """Why a mail does not leave, and the state that it ends in."""

    state: str
    reason: str


def deliver() -> int:
    """Hand over all that is due; returns how many mails were looked at. Two workers at once never take the same one."""
    seen = 0
    with smtp.connection() as wire:
        while mails := claims.claim(ServiceMail.objects.all(), limit=CLAIM, at=timezone.now(), order=("pk",)):
            organisation = the_organisation()
            for position, mail in enumerate(mails):
                if not _deliver_safely(mail, wire, organisation):
                    claims.release(mails[position + 1 :])
                    return seen + position + 1
            seen += len(mails)
    return seen


def _deliver_safely(mail: ServiceMail, wire: smtp.Wire, organisation: Organisation) -> bool:
    """One mail that breaks does not hold up the rest. What was on the wire stays so, and ends unconfirmed."""
    try:
        return deliver_one(mail, wire, organisation)
    except Exception:
        log.exception("service_mail_broke", kind=mail.kind, mail=mail.pk)
        if mail.state == MailState.CLAIMED:
            _put_back(mail, reply="error")
        return True


def deliver_one(mail: ServiceMail, wire: smtp.Wire, organisation: Organisation) -> bool:
    """Take one claimed mail to its next state. False when the mail server is away, and the rest had better wait."""
    refusal = why_not(mail, organisation, at=timezone.now())
    if refusal is not None:
        _settle(mail, refusal.state, reply=refusal.reason)
        return True
    if not claims.hand_over([mail], at=timezone.now()):
        return True
    try:
        answer = wire.send(bounce_address(organisation), mail.to, bytes(mail.body))
    except smtp.Transient as error:
        return _try_later(mail, error)
    except smtp.Permanent as error:
        bounces.note_refusal(email=mail.to, member_id=mail.member_id, answer=error.answer)
        _settle(mail, MailState.FAILED, reply=str(error.answer))
    except smtp.Lost as error:
        _settle(mail, MailState.UNCONFIRMED, reply=str(error.answer))
    else:
        _settle(mail, MailState.HANDED_OVER, reply=str(answer))
    return True


def why_not(mail: ServiceMail, organisation: Organisation, *, at: dt.datetime) -> Refusal | None:
    """What forbids this mail now; None when it may leave. Service mails need no consent, but they obey the gate."""
    if mail.kind == NONE:
        return Refusal(MailState.DISCARDED, "unknown_address")
    if mail.kind in STAFF_KINDS:
        return None
    if why_nothing_may_leave(organisation):
        return Refusal(MailState.WITHHELD, "company_incomplete")
    if mail.kind == INVITATION and suppression.is_suppressed(mail.to):
        return Refusal(MailState.WITHHELD, "suppressed")
    # To an address that is not (or no longer) the member's own their gate does not speak.
    if mail.member is not None and mail.member.email_key == email_key(mail.to):
        verdict = gate.may_send(member=mail.member, kind=mail.kind, at=at)
        if not verdict.allowed:
            return Refusal(MailState.WITHHELD, verdict.reason)
    return None


def recover() -> None:
    """Take up what dead workers left."""
    returned, lost = claims.recover(ServiceMail, at=timezone.now(), settled_at=timezone.now(), **BLANK)
    if returned or lost:
        log.warning("service_mail_recovered", returned=returned, unconfirmed=lost)


def _try_later(mail: ServiceMail, error: smtp.Transient) -> bool:
    reply = str(error.answer)
    _put_back(mail, reply=reply)
    log.warning("service_mail_deferred", kind=mail.kind, mail=mail.pk, reply=reply, server_away=error.is_away)
    return not error.is_away


def _put_back(mail: ServiceMail, *, reply: str) -> None:
    for spent in claims.put_back([mail], at=timezone.now(), reply=reply):
        _settle(spent, MailState.FAILED, reply=reply)


def _settle(mail: ServiceMail, state: str, *, reply: str) -> None:
    claims.settle([mail], state=state, settled_at=timezone.now(), reply=reply, **BLANK)
    log.info("service_mail_settled", kind=mail.kind, mail=mail.pk, state=state, reply=reply)
