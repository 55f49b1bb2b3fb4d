"""What digests listen to. Each runs in the transaction that announced it."""

from typing import Any

from django.dispatch import receiver

from alumni.consent.signals import consent_changed
from alumni.joining.signals import member_joined
from alumni.members.models import Member
from notifications.digests import preferences


@receiver(member_joined)
def first_digest(member_id: int, **_kwargs: Any) -> None:
    """Who joined gets a rhythm; their first digest comes with the next run, not a week later."""
    preferences.ensure(Member.objects.get(pk=member_id))


@receiver(consent_changed)
def due_or_not(member_id: int, **_kwargs: Any) -> None:
    """A first purpose makes the member due; the last one withdrawn ends it."""
    if member := Member.objects.filter(pk=member_id).first():
        preferences.ensure(member)
