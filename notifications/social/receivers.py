"""What drafts listen to. Each runs in the transaction that published or closed the post."""

from typing import Any

from django.dispatch import receiver

from notifications.posts.models import Post
from notifications.posts.signals import post_closed, post_published
from notifications.social import drafts


@receiver(post_published)
def make_drafts(post_id: int, **_kwargs: Any) -> None:
    """A published post, or a new text of one, has its drafts at once."""
    drafts.make(Post.objects.select_related("current_version__terms").get(pk=post_id))


@receiver(post_closed)
def withdraw_drafts(post_id: int, **_kwargs: Any) -> None:
    """What was not posted yet is not to be posted any more."""
    drafts.withdraw(Post.objects.get(pk=post_id))
