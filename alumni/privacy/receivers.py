"""Joining says who must go; it stands below this room and cannot erase by itself."""

from typing import Any

from django.dispatch import receiver

from alumni.joining.signals import erasure_wanted
from alumni.members.models import Member
from alumni.privacy.erasure import erase


@receiver(erasure_wanted, dispatch_uid="privacy.erase")
def erase_who_must_go(*, member_id: int, on_request: bool, **_kwargs: Any) -> None:
    """Erase them in the sender's transaction; a member who is gone already is gone."""
    member = Member.objects.filter(pk=member_id).first()
    if member is not None:
        erase(member=member, on_request=on_request, tell=False)
