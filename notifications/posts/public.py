"""Where the world finds a post, and who may see it."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from alumni.accounts.roles import scopes_of
from notifications.audiences import rules
from notifications.posts.models import Post, PostState, Visibility


def public_url(post: Post) -> str:
    """The absolute address of its page."""
    return settings.BASE_URL + reverse("post", args=[post.slug])


def may_read(post: Post, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this visitor may see the page of a post that was published (or is closed: then it says so).

    Everybody a public one; a network one HR, and the joined members of its audience.
    """
    if post.published_at is None or post.state not in {PostState.PUBLISHED, PostState.CLOSED}:
        return False
    if post.visibility == Visibility.PUBLIC:
        return True
    if not user.is_authenticated:
        return False
    if "posts:read" in scopes_of(user):  # type: ignore[arg-type]  # AUTH_USER_MODEL is ours
        return True
    member = getattr(user, "member", None)
    if member is None or member.joined_at is None or member.left_at is not None:
        return False
    return rules.holds(post.audience, is_alumnus=member.is_alumnus, is_freelancer=member.is_freelancer)
