"""Invitations, sign-ups that wait for their mailbox, and imports."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.accounts.uid import PublicId
from alumni.members.models import Member

__all__ = ["Import", "ImportRow", "Invitation", "OptIn"]


class InvitationAnswer(models.TextChoices):
    """What an invited person said."""

    NONE = "", _("no answer")
    JOINED = "joined", _("joined")
    DECLINED = "declined", _("rather not")
    NEVER = "never", _("never contact me again")


class Invitation(PublicId):
    """The one message a person may get before opting in.

    The keyed hash outlives erasure, so that there is never a second.
    """

    email_hmac = models.CharField(max_length=64)
    key_id = models.CharField(max_length=30)
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="invitations")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    token_sha256 = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(_("sent at"))
    expires_at = models.DateTimeField(_("expires at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=InvitationAnswer, blank=True, default="")

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [models.UniqueConstraint(fields=["email_hmac", "key_id"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.sent_at:%Y-%m-%d} {self.answer}"


class OptIn(PublicId):
    """A sign-up that waits for its mailbox. Purged after seven days: nothing enters the ledger before the proof."""

    email = models.EmailField(max_length=254)
    email_key = models.CharField(max_length=254, db_index=True)
    payload = models.JSONField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    confirmed_at = models.DateTimeField(null=True)
    resent = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.uid)


class ImportState(models.TextChoices):
    """Where an import stands."""

    STAGING = "staging", _("reading")
    STAGED = "staged", _("checked, not yet applied")
    APPLYING = "applying", _("applying")
    APPLIED = "applied", _("applied")
    FAILED = "failed", _("could not be read")


class ImportQuerySet(models.QuerySet["Import"]):
    """Which imports."""

    def unfinished(self, *, at: dt.datetime) -> "ImportQuerySet":
        """Being read or applied, and in nobody's hands."""
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        return self.filter(free, state__in=[ImportState.STAGING, ImportState.APPLYING])


class Import(PublicId):
    """A file of leavers or freelancers: staged first, then applied.

    `counts` is {action: rows}: what applying will do, then what it did. Suppressed rows are counted and not kept, so
    that nobody learns who. `options` is what the caller said of the file ({mapping, encoding, delimiter, kind}),
    `mapping` is how its columns were read ({header: field}), `remarks` what was left out ([{column, code, message}]).
    `upload` goes as soon as the file has been read.
    """

    source = models.CharField(_("source"), max_length=100)
    filename = models.CharField(_("file"), max_length=255)
    file_sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.STAGING)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    options = models.JSONField(default=dict)
    mapping = models.JSONField(_("columns"), default=dict)
    remarks = models.JSONField(_("remarks"), default=list)
    problem = models.CharField(_("what went wrong"), max_length=500, blank=True)
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    upload = models.FileField(upload_to="imports/", null=True, blank=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename


class RowAction(models.TextChoices):
    """What applying a row does, or did."""

    CREATE = "create", _("new member")
    UPDATE = "update", _("brought up to date")
    ADD_EMPLOYMENT = "add_employment", _("another employment")
    SKIP = "skip", _("nothing new")
    SUPPRESSED = "suppressed", _("suppressed")
    ERROR = "error", _("error")


class ImportRow(models.Model):
    """One row of an import: what was read, what it will do, and what is wrong with it. Purged after 30 days.

    `line` is the number that a spreadsheet shows beside the row. `parsed` is emptied once applied. `errors` is
    [{"column", "code", "message"}]. `email_key` finds the same person in earlier rows.
    """

    pk = models.CompositePrimaryKey("batch_id", "line")
    batch = models.ForeignKey(Import, db_column="import_id", on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    email_key = models.CharField(max_length=254, blank=True)
    parsed = models.JSONField()
    action = models.CharField(max_length=15, choices=RowAction)
    errors = models.JSONField(default=list)
    applied = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["email_key"], name="import_row_of_person")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"
