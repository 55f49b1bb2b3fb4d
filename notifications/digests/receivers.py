"""What digests listen to. Each runs in the transaction that announced it."""

from typing import Any

from django.dispatch import receiver

from alumni.consent.signals import consent_changed
from alumni.joining.signals import member_joined
from alumni.members.models import Member
from notifications.digests import deliver, preferences, tasks
from notifications.posts.signals import post_closed, post_published


@receiver(member_joined)
def first_digest(member_id: int, **_kwargs: Any) -> None:
    """Who joined gets a rhythm; their first digest comes with the next run, not a week later."""
    preferences.ensure(Member.objects.get(pk=member_id))


@receiver(consent_changed)
def due_or_not(member_id: int, **_kwargs: Any) -> None:
    """A first purpose makes the member due; the last one withdrawn ends it."""
    if member := Member.objects.filter(pk=member_id).first():
        preferences.ensure(member)


@receiver(post_published)
def into_the_edition(**_kwargs: Any) -> None:
    """This week's editions follow. The digests need nothing: their next run sees the post."""
    tasks.refresh_editions.delay_on_commit()


@receiver(post_closed)
def out_of_what_waits(post_id: int, **_kwargs: Any) -> None:
    """A closed post leaves the digests that wait at once, and this week's editions."""
    deliver.close_post(post_id=post_id)
    tasks.refresh_editions.delay_on_commit()
