"""Drafts: ready-to-paste texts for one channel."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.accounts.uid import PublicId
from notifications.posts.models import Post, PostVersion

__all__ = ["Draft"]


class Channel(models.TextChoices):
    """Where a post can appear outside e-mail. Their limits are dated data in `channels.py`."""

    LINKEDIN_GROUP = "linkedin_group", _("LinkedIn group")


class DraftState(models.TextChoices):
    """Where a draft stands."""

    READY = "ready", _("ready")
    STALE = "stale", _("the post has changed")
    POSTED = "posted", _("posted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Draft(PublicId):
    """A ready-to-paste text for one channel, made from one version of a post. `length` is counted as channels do."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="drafts")
    post_version = models.ForeignKey(PostVersion, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    language = models.CharField(_("language"), max_length=5)
    variant = models.PositiveSmallIntegerField(default=1)
    text = models.TextField(_("text"))
    length = models.PositiveIntegerField(_("length"))
    state = models.CharField(_("state"), max_length=10, choices=DraftState, default=DraftState.READY)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)
    edited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    posted_url = models.URLField(_("where it was posted"), max_length=500, blank=True)
    posted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    posted_at = models.DateTimeField(_("posted at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("channel draft")
        verbose_name_plural = _("channel drafts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post_version", "channel", "language", "variant"], name="draft_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} {self.channel} {self.language}"
