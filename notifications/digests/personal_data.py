"""What digests hold on a person: their rhythm, and what they were sent."""

from typing import Any

from django.db.models import Model

from alumni.accounts.organisation import the_organisation
from alumni.members.models import Member
from notifications.digests.models import Digest, DigestItem, Preference
from notifications.digests.reasons import sentence

MODELS: dict[type[Model], str] = {
    Preference: "deleted",
    Digest: "deleted; the counts of its run stay, and count them as erased",
    DigestItem: "deleted",
}


def export(member: Member) -> dict[str, Any]:
    """The rhythm they chose, and each digest with its posts and why they were in it."""
    preference = Preference.objects.filter(member=member).first()
    company = the_organisation().name
    digests = Digest.objects.filter(member=member).order_by("pk").prefetch_related("items__post")
    return {
        "preference": {"frequency": preference.frequency, "weekday": preference.weekday, "hour": preference.hour}
        if preference
        else None,
        "digests": [
            {
                "planned_at": digest.created_at.isoformat(),
                "state": digest.state,
                "handed_over_at": digest.handed_over_at.isoformat() if digest.handed_over_at else None,
                "subject": digest.subject,
                "consent_seq": digest.consent_seq,
                "posts": [
                    {
                        "post": item.post.slug,
                        "outcome": item.outcome,
                        "why": sentence(item.reason, digest.language, company=company) if item.reason else "",
                    }
                    for item in digest.items.all()
                ],
            }
            for digest in digests
        ],
    }


def erase(member: Member) -> None:
    """Delete all of it. A digest that a worker has claimed is gone from under it, and is not handed over."""
    DigestItem.objects.filter(member=member).delete()
    Digest.objects.filter(member=member).delete()
    Preference.objects.filter(member=member).delete()
