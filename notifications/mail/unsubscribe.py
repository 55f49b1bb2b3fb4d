"""Unsubscribing by a lasting link, and the ten minutes in which it can be taken back."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.accounts.secret_tokens import new_token, sha256
from alumni.consent import ledger
from alumni.consent.acts import Act, Channel, Method
from alumni.consent.models import UndoLink
from alumni.members.models import Member
from backend.http.errors import Gone
from notifications.mail.links import Link

ONE_CLICK_FORM = "one-click/1"
UNDO_MINUTES = 10


def by_one_click(link: Link) -> None:
    """What the mail program's own button does (RFC 8058): withdraw each purpose that the link names.

    Idempotent, and nothing at all for a person who was erased. Of the request nothing is kept: it comes from a mailbox
    provider, not from the person's machine.
    """
    member = Member.objects.filter(uid=link.member_uid).first()
    if member is not None:
        act = Act(method=Method.ONE_CLICK, channel=Channel.EMAIL, form_version=ONE_CLICK_FORM, locale=member.language)
        ledger.withdraw(member=member, purposes=link.purposes, act=act)


class Ended(NamedTuple):
    """What a withdrawal ended, and the token with which the person may take it back (empty when it ended nothing)."""

    purposes: list[str]
    undo_token: str


@transaction.atomic
def withdraw(*, member: Member, purposes: Iterable[str], act: Act) -> Ended:
    """Withdraw those that are in force. The token works for ten minutes and once."""
    ended = [event.purpose for event in ledger.withdraw(member=member, purposes=purposes, act=act)]
    if not ended:
        return Ended([], "")
    token, digest = new_token()
    expires_at = timezone.now() + dt.timedelta(minutes=UNDO_MINUTES)
    UndoLink.objects.create(member=member, purposes=ended, token_sha256=digest, expires_at=expires_at)
    return Ended(ended, token)


@transaction.atomic
def undo(*, member: Member, token: str, act: Act) -> list[str]:
    """Give again what was withdrawn by mistake; returns the purposes. Raises Gone for a token that is late or used."""
    now = timezone.now()
    mine = UndoLink.objects.filter(member=member, token_sha256=sha256(token))
    # The UPDATE decides, not a look beforehand: of two presses one wins.
    if not mine.filter(used_at=None, expires_at__gt=now).update(used_at=now):
        raise Gone(_("This can be taken back for ten minutes, and once."), code="undo_expired")
    purposes = [str(purpose) for purpose in mine.get().purposes]
    ledger.choose(member=member, choices=dict.fromkeys(purposes, True), act=act)
    return purposes
