"""What the digests room holds on a person."""

from typing import Any

from django.db.models import Model

from alumni.accounts.organisation import the_organisation
from alumni.members.models import Member
from notifications.digests import reasons
from notifications.digests.models import Digest, DigestItem, Preference, Run

MODELS: dict[type[Model], str] = {
    Preference: "deleted",
    Digest: "deleted, also one that waits; what is on the wire this very moment still arrives",
    DigestItem: "deleted with its digest, and the reason with it",
    Run: "stays: it holds numbers; who started it is forgotten with their login",
}


def export(member: Member) -> dict[str, Any]:
    """The rhythm, and each digest: when, what was in it, why, and where it ended."""
    preference = Preference.objects.filter(member=member).first()
    digests = Digest.objects.filter(member=member).order_by("pk").prefetch_related("items__post")
    company = the_organisation().name
    return {
        "preference": preference
        and {
            "frequency": preference.frequency,
            "weekday": preference.weekday,
            "hour": preference.hour,
            "next_due": preference.next_due.isoformat() if preference.next_due else None,
        },
        "digests": [_digest(digest, member.language, company) for digest in digests],
    }


def _digest(digest: Digest, language: str, company: str) -> dict[str, Any]:
    return {
        "id": str(digest.uid),
        "subject": digest.subject,
        "state": digest.state,
        "made_at": digest.created_at.isoformat(),
        "handed_over_at": digest.handed_over_at.isoformat() if digest.handed_over_at else None,
        "answer": digest.reply,
        "posts": [
            {
                "post": str(item.post.uid),
                "purpose": item.post.purpose,
                "rank": item.rank,
                "reason": item.reason,
                "why": reasons.sentence(item.reason, language, company=company),
                "state": item.outcome or digest.state,
            }
            for item in sorted(digest.items.all(), key=lambda item: item.rank)
        ],
    }


def erase(member: Member) -> None:
    """Delete it all. The counts of a run still add up: they name nobody."""
    DigestItem.objects.filter(member=member).delete()
    Digest.objects.filter(member=member).delete()
    Preference.objects.filter(member=member).delete()
