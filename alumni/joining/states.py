"""Where each person stands in the network, as one word: for lists, filters and counts that add up."""

import datetime as dt

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from alumni.consent.models import IN_FORCE, ConsentState, State
from alumni.joining.models import Invitation, InvitationAnswer
from alumni.members.models import Member


class MemberState(models.TextChoices):
    """Every member is in exactly one; the first that fits, in the order of `with_state`."""

    JOINED = "joined", _("Joined")
    INVITED = "invited", _("Invited, no answer")
    NOT_INVITED = "not_invited", _("Not invited")
    PAUSED = "paused", _("Paused")
    EXPIRED = "expired", _("Consent expired")
    DECLINED = "declined", _("Rather not")
    LEFT = "left", _("Left")


def with_state(members: QuerySet[Member], *, at: dt.datetime) -> QuerySet[Member]:
    """The members with `network_state`, one of MemberState. Subqueries along indexes; no query of its own."""
    consents = ConsentState.objects.filter(member=OuterRef("pk"))
    counting = Q(state__in=[str(state) for state in IN_FORCE]) & (Q(valid_until=None) | Q(valid_until__gt=at))
    ended = Q(state=State.EXPIRED) | Q(state__in=[str(state) for state in IN_FORCE], valid_until__lte=at)
    invitations = Invitation.objects.filter(member=OuterRef("pk"))
    declined = Q(answer__in=[InvitationAnswer.DECLINED, InvitationAnswer.NEVER])
    joined = Q(joined_at__isnull=False)
    return members.annotate(
        network_state=Case(
            When(left_at__isnull=False, then=Value(MemberState.LEFT)),
            When(joined & Q(paused_until__gte=at.date()), then=Value(MemberState.PAUSED)),
            When(
                joined & Exists(consents.filter(ended)) & ~Exists(consents.filter(counting)),
                then=Value(MemberState.EXPIRED),
            ),
            When(joined, then=Value(MemberState.JOINED)),
            When(Exists(invitations.filter(declined)), then=Value(MemberState.DECLINED)),
            When(Exists(invitations), then=Value(MemberState.INVITED)),
            default=Value(MemberState.NOT_INVITED),
            output_field=CharField(),
        )
    )


def counted(members: QuerySet[Member], *, at: dt.datetime) -> dict[str, int]:
    """{state: members}, every state named; the numbers add up to the members. One query."""
    rows = with_state(members, at=at).order_by().values("network_state").annotate(n=Count("pk"))  # type: ignore[misc]
    found = {row["network_state"]: row["n"] for row in rows}
    return {state.value: found.get(state.value, 0) for state in MemberState}
