"""What joining holds on a person: the invitation, a sign-up that waits, and rows of imports."""

from typing import Any

from django.db.models import Model, Q, QuerySet

from alumni.joining.models import ImportRow, Invitation, OptIn
from alumni.members.models import Member

MODELS: dict[type[Model], str] = {
    Invitation: "the keyed hash of the address stays, so that there is never a second; the rest goes",
    OptIn: "deleted",
    ImportRow: "deleted; once applied, a row holds nothing of the person",
}


def _rows(member: Member) -> QuerySet[ImportRow]:
    """Rows with their address, and refused ones without a usable address that bear their name."""
    by_name = Q(email_key="", parsed__member__given_name=member.given_name) & Q(
        parsed__member__family_name=member.family_name
    )
    return ImportRow.objects.filter(Q(email_key=member.email_key) | by_name)


def export(member: Member) -> dict[str, Any]:
    """How they came in: invitations, sign-ups, and what imports said of them."""
    invitations = Invitation.objects.filter(member=member).order_by("sent_at")
    opt_ins = OptIn.objects.filter(email_key=member.email_key).order_by("sent_at")
    return {
        "invitations": [
            {
                "sent_at": row.sent_at.isoformat(),
                "reason": row.reason,
                "answer": row.answer,
                "answered_at": row.answered_at.isoformat() if row.answered_at else None,
            }
            for row in invitations
        ],
        "sign_ups": [{"sent_at": row.sent_at.isoformat(), "said": row.payload} for row in opt_ins],
        "import_rows": [
            {"file": row.batch.filename, "row": row.line, "said": row.parsed}
            for row in _rows(member).select_related("batch").order_by("batch_id", "line")
        ],
    }


def erase(member: Member) -> None:
    """Delete sign-ups and import rows; of the invitation only the keyed hash stays."""
    Invitation.objects.filter(member=member).update(member=None, reason="")
    OptIn.objects.filter(email_key=member.email_key).delete()
    _rows(member).delete()
