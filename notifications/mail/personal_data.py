"""What the mail room holds on a person."""

from typing import Any

from django.db.models import Model, Q

from alumni.accounts.addresses import email_key
from alumni.members.models import Member
from notifications.mail.models import ServiceMail

MODELS: dict[type[Model], str] = {ServiceMail: "deleted, also what still waits"}


def export(member: Member) -> dict[str, Any]:
    """The service mails, newest first. Their words are not kept once they left."""
    mails = ServiceMail.objects.filter(_about(member)).order_by("-pk")
    return {
        "service_mails": [
            {
                "kind": mail.kind,
                "state": mail.state,
                "created_at": mail.created_at.isoformat(),
                "settled_at": mail.settled_at.isoformat() if mail.settled_at else None,
            }
            for mail in mails
        ]
    }


def erase(member: Member) -> None:
    """Delete the rows; what is on the wire this very moment still arrives, and its settlement finds no row."""
    ServiceMail.objects.filter(_about(member)).delete()


def _about(member: Member) -> Q:
    """Rows of the member, of their login, and those that wait for their address without naming either."""
    waiting = ServiceMail.objects.exclude(to="").filter(member=None).values_list("pk", "to")
    theirs = [pk for pk, to in waiting if email_key(to) == member.email_key]
    about = Q(member=member) | Q(pk__in=theirs)
    return about | Q(user_id=member.user_id) if member.user_id else about
