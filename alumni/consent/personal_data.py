"""What consent holds on a person."""

from typing import Any

from django.db.models import Model

from alumni.accounts.addresses import keyed_hashes
from alumni.consent.models import (
    ConsentEvent,
    ConsentEvidence,
    ConsentRecord,
    ConsentState,
    Suppression,
    UndoLink,
)
from alumni.consent.receipts import records_of
from alumni.members.models import Member

MODELS: dict[type[Model], str] = {
    ConsentRecord: "stays: a random number, which nothing else knows after the erasure",
    ConsentEvent: "stays: what was said and when, by that number; the chain must verify",
    ConsentEvidence: "blanked at once: who and where, and the keyed hash of the address",
    ConsentState: "deleted",
    UndoLink: "deleted",
    Suppression: "the keyed hash of the address stays, so that nobody enters it again",
}


def export(member: Member) -> dict[str, Any]:
    """The consent records with their events and evidence, as ISO/IEC TS 27560 has them, and any suppression."""
    hashes = [email_hmac for email_hmac, _key_id in keyed_hashes(member.email)]
    return {
        "consent_records": records_of(member.uid),
        "suppressions": [
            {"reason": row.reason, "since": row.created_at.isoformat(), "lifted": row.lifted_by_seq is not None}
            for row in Suppression.objects.filter(email_hmac__in=hashes).order_by("id")
        ],
    }


def erase(member: Member) -> None:
    """Blank both erasable parts of every event. The digests in the events stay true."""
    ConsentEvidence.objects.filter(event__principal_uid=member.uid).update(person=None, link=None)
    ConsentState.objects.filter(member=member).delete()
    UndoLink.objects.filter(member=member).delete()
