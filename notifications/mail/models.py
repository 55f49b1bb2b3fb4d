"""The outbox of service mail."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.members.models import Member

__all__ = ["ServiceMail"]


class MailState(models.TextChoices):
    """Where a service mail stands. Claim, commit, act, settle: as a digest."""

    PLANNED = "planned", _("waiting")
    CLAIMED = "claimed", _("claimed")
    HANDING_OVER = "handing_over", _("being handed over")
    HANDED_OVER = "handed_over", _("handed over")
    FAILED = "failed", _("failed")
    BOUNCED = "bounced", _("bounced")
    WITHHELD = "withheld", _("withheld")
    DISCARDED = "discarded", _("discarded")
    UNCONFIRMED = "unconfirmed", _("unconfirmed")


class ServiceMail(models.Model):
    """One mail that needs no consent. `to` and `body` (the whole message as it will be sent) are blanked at settlement.

    Kind `none` is what an unknown address costs: the same row, discarded by the worker, so that time tells nothing.
    """

    kind = models.CharField(_("kind"), max_length=25)
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="service_mails")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="service_mails")
    to = models.CharField(max_length=320, blank=True)
    body = models.BinaryField(blank=True)
    dedupe_key = models.CharField(max_length=200, unique=True)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=15, choices=MailState, default=MailState.PLANNED)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    reply = models.CharField(_("answer of the mail server"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    settled_at = models.DateTimeField(_("settled at"), null=True)

    class Meta:
        verbose_name = _("service mail")
        verbose_name_plural = _("service mails")
        indexes = [models.Index(fields=["state", "retry_at"], name="service_mail_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
