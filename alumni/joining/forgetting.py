"""Forgets somebody whom HR brought in and who did not want it, or never answered. Of their invitation the keyed hash
stays, so that there is never a second."""

from django.db import transaction

from alumni.joining.signals import erasure_wanted
from alumni.members.models import Member


@transaction.atomic
def forget(*, member: Member) -> None:
    """Have every room forget the person, without a mail. Rooms above this one hold traces too: the mail that invited
    them, the log of the back office; so the room of privacy does it, in this transaction."""
    erasure_wanted.send(sender=Member, member_id=member.pk, on_request=False)
