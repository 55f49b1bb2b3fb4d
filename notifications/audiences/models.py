"""Saved rules: which members a post is for."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from alumni.accounts.uid import PublicId

__all__ = ["Audience"]


class Audience(PublicId):
    """Which members a post is for. It alone decides whether; consent decides what is sent, the match the order.

    `rule` in schema version 1: {"kinds": ["alumnus", "freelancer"]}; a member of any of these kinds is in it.
    """

    name = models.CharField(_("name"), max_length=100)
    code = models.SlugField(unique=True)
    rule = models.JSONField()
    schema_version = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["id"]

    def __str__(self) -> str:
        return gettext(self.name)  # the built-in ones have names that are translated
