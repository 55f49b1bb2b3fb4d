"""What this room forgets by itself, and when. Called every night; once more does no harm."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from alumni.joining import forgetting, imports, sign_up
from alumni.joining.models import Import, ImportState, Invitation, InvitationAnswer
from alumni.members.models import Member

# Whoever was brought in by HR and never answered is forgotten (GDPR art. 14(3): informed within a month, or gone).
UNANSWERED = dt.timedelta(days=30)
IMPORTS = dt.timedelta(days=30)
# People a transaction: small enough that nobody waits behind it on SQLite.
CHUNK = 200


def purge(*, at: dt.datetime) -> dict[str, int]:
    """Forget sign-ups past their term, old imports, and people who never answered. Returns how many of each."""
    return {"sign_ups": sign_up.purge(at=at), "imports": _purge_imports(at), "people": _purge_people(at)}


def _purge_imports(at: dt.datetime) -> int:
    old = list(Import.objects.filter(created_at__lte=at - IMPORTS).exclude(state=ImportState.APPLYING))
    for batch in old:
        imports.forget(batch=batch)
    return len(old)


def unanswered(*, at: dt.datetime) -> QuerySet[Member]:
    """People who never joined and whose time is over: 30 days after they came in, or when their invitation ended.

    An open invitation keeps them until it expires, as its mail says; who declined is not kept at all.
    """
    invitations = Invitation.objects.filter(member=OuterRef("pk"))
    is_open = Exists(invitations.filter(answer=InvitationAnswer.NONE, expires_at__gt=at))
    declined = Exists(invitations.filter(answer=InvitationAnswer.DECLINED))
    is_old = Q(created_at__lte=at - UNANSWERED)
    return Member.objects.filter(Q(joined_at=None) & (declined | is_old & ~is_open))


def _purge_people(at: dt.datetime) -> int:
    count, last = 0, 0
    while chunk := list(unanswered(at=at).filter(pk__gt=last).order_by("pk")[:CHUNK]):
        with transaction.atomic():
            for member in chunk:
                last = member.pk
                forgetting.forget(member=member)
        count += len(chunk)
    return count
