"""Consents past their term become `expired` in the ledger. The gate stops them at the term itself, without waiting."""

import datetime as dt

from django.db import transaction

from alumni.consent import ledger
from alumni.consent.acts import Act, Channel, Method
from alumni.consent.models import IN_FORCE, ConsentState, State
from alumni.members.models import Member

CHUNK = 500
ACT = Act(method=Method.EXPIRY, channel=Channel.SYSTEM, form_version="expiry/1", locale="en", actor="system")


def expire(*, at: dt.datetime) -> int:
    """Write an `expired` event for each consent whose term has passed; returns how many. Commits in small chunks."""
    total = 0
    while written := _expire_some(at):
        total += written
    return total


@transaction.atomic
def _expire_some(at: dt.datetime) -> int:
    due = ConsentState.objects.filter(state__in=IN_FORCE, valid_until__lte=at)
    ids = list(due.order_by("member_id").values_list("member_id", flat=True)[:CHUNK])
    # Members first: whoever renews at this moment either did so before this lock, or sees the expiry.
    members = Member.objects.select_for_update().order_by("pk").in_bulk(ids)
    changes = [
        ledger.Change(members[state.member_id], state.purpose, State.EXPIRED, _words(state))
        for state in due.filter(member_id__in=members).order_by("member_id", "purpose")
    ]
    return len(ledger.record(changes, ACT, at))


def _words(state: ConsentState) -> str:
    assert state.valid_until is not None
    return f"valid until {state.valid_until:%Y-%m-%d}"
