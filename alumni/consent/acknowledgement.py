"""Belgian law wants an e-mail after each unsubscribe that says so (KB of 4 April 2003, art. 2)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.organisation import the_organisation
from alumni.consent.acts import Act
from alumni.consent.models import MAIL_PURPOSES, ConsentEvent, State
from alumni.consent.purposes import in_words
from alumni.members.models import Member

if TYPE_CHECKING:
    from alumni.consent.ledger import Change

# Where unsubscribing must be acknowledged.
COUNTRIES = frozenset({"BE"})


def acknowledge(*, changes: "Sequence[Change]", events: list[ConsentEvent], act: Act) -> None:
    """Queue one `withdrawal_ack` for each Belgian member among the changes whose mail ended by their own choice.

    Not after a complaint or an expiry. The withdrawal itself is what makes a repeat impossible: it has no event.
    """
    if not act.is_by_choice:
        return
    ended: dict[int, tuple[Member, list[str], ConsentEvent]] = {}
    for change, event in zip(changes, events, strict=True):
        if change.state == State.WITHDRAWN and change.purpose in MAIL_PURPOSES and change.member.country in COUNTRIES:
            ended.setdefault(change.member.pk, (change.member, [], event))[1].append(change.purpose)
    for member, purposes, event in ended.values():
        _queue(member, purposes, event)


def _queue(member: Member, purposes: list[str], event: ConsentEvent) -> None:
    with translation.override(member.language):
        moment = timezone.localtime(event.event_time)
        text = _(
            "Hello %(first_name)s, on %(date)s at %(time)s you unsubscribed. You no longer get %(purposes)s from "
            "%(company)s. This e-mail only confirms it; you need do nothing."
        ) % {
            "first_name": member.given_name,
            "date": date_format(moment, "j F Y"),
            "time": date_format(moment, "H:i"),
            "purposes": in_words(purposes),
            "company": the_organisation().name,
        }
        service_mail.queue(
            kind="withdrawal_ack",
            to=member.email,
            subject=_("You are unsubscribed"),
            text=text,
            member_id=member.pk,
            dedupe_key=f"withdrawal_ack:{event.event_uid}",
        )
