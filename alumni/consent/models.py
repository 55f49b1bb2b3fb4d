"""Notices, the append-only ledger, the current state, suppressions.

Layout and hashing follow ISO/IEC TS 27560:2023 with DPV; what is hashed is written in `ledger.py`.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.accounts.uid import PublicId, uuid7
from alumni.members.models import Member

__all__ = [
    "ConsentEvent",
    "ConsentEvidence",
    "ConsentRecord",
    "ConsentState",
    "LedgerHead",
    "Notice",
    "NoticeText",
    "Suppression",
    "UndoLink",
]


class Purpose(models.TextChoices):
    """What can be consented to, one by one. The lawful basis of each is consent, and nothing else."""

    GIGS = "gigs", _("gigs")
    VACANCIES = "vacancies", _("vacancies")
    UPDATES = "updates", _("updates")
    EVENTS = "events", _("events")
    MATCHING = "matching", _("matching")
    DIRECTORY = "directory", _("directory")
    MENTIONS = "mentions", _("mentions")


# Purposes that something is sent or done for today: only these are asked.
OFFERED_PURPOSES: tuple[Purpose, ...] = (Purpose.GIGS, Purpose.VACANCIES, Purpose.UPDATES, Purpose.MATCHING)
# Those of them that bring e-mail.
MAIL_PURPOSES: tuple[Purpose, ...] = (Purpose.GIGS, Purpose.VACANCIES, Purpose.UPDATES)


class State(models.TextChoices):
    """States of a consent, in the order of DPV 2.3's consent statuses."""

    REQUESTED = "requested", _("requested")
    REQUEST_DEFERRED = "request_deferred", _("request deferred")
    GIVEN = "given", _("given")
    REFUSED = "refused", _("refused")
    RENEWED = "renewed", _("renewed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")
    INVALIDATED = "invalidated", _("invalidated")
    REVOKED_BY_CONTROLLER = "revoked_by_controller", _("revoked by the company")
    UNKNOWN = "unknown", _("unknown")


# The states in which a consent is in force (while not past its `valid_until`).
IN_FORCE = (State.GIVEN, State.RENEWED)


class ChangeKind(models.TextChoices):
    """What a new notice version means for consents given on older ones (EDPB 05/2020 section 110)."""

    EDITORIAL = "editorial", _("editorial")
    INFORMATIVE = "informative", _("informative")
    MATERIAL = "material", _("material")


class Notice(models.Model):
    """One version of what is asked for one purpose."""

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    version = models.PositiveIntegerField(_("version"))
    change_kind = models.CharField(_("kind of change"), max_length=15, choices=ChangeKind, default=ChangeKind.MATERIAL)
    validity_months = models.PositiveSmallIntegerField(_("valid for, in months"), default=24)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="notice_version_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class NoticeText(models.Model):
    """A notice in one language, exactly as it is on the screen. Immutable once the notice is published.

    `frame` is the processing and the parties of the consent record (what was asked), kept once here.
    """

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=5)
    label = models.CharField(max_length=500)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    frame = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "language"], name="notice_text_once")]

    def __str__(self) -> str:
        return f"{self.notice} {self.language}"

    @property
    def heading(self) -> str:
        """The name of the purpose, as the label begins: the first line of the text."""
        return self.text.split("\n", 2)[0]

    @property
    def explanation(self) -> str:
        """The rest of the label: what it means and how often."""
        return self.text.split("\n", 2)[1]


class ConsentRecord(PublicId):
    """One member and one notice text: what all events on it share. No foreign key to the member, so that it stays
    when the member goes; `principal_uid` is the member's uid."""

    principal_uid = models.UUIDField()
    notice_text = models.ForeignKey(NoticeText, on_delete=models.PROTECT, related_name="records")
    created_at = models.DateTimeField()
    record_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal_uid", "notice_text"], name="consent_record_once")]

    def __str__(self) -> str:
        return str(self.uid)


class ConsentEvent(models.Model):
    """One entry in the ledger. Triggers refuse UPDATE, DELETE, TRUNCATE and REPLACE (see `triggers.py`)."""

    seq = models.BigIntegerField(primary_key=True)
    event_uid = models.UUIDField(default=uuid7, unique=True)
    record = models.ForeignKey(ConsentRecord, on_delete=models.PROTECT, related_name="events")
    purpose = models.CharField(max_length=20, choices=Purpose)
    principal_uid = models.UUIDField()
    state = models.CharField(max_length=25, choices=State)
    event_time = models.DateTimeField()
    validity_duration = models.CharField(max_length=10, null=True)
    method = models.CharField(max_length=40)
    channel = models.CharField(max_length=10)
    form_version = models.CharField(max_length=50)
    expression = models.CharField(max_length=500)
    locale = models.CharField(max_length=10)
    actor = models.CharField(max_length=10)
    doi_sent_at = models.DateTimeField(null=True)
    doi_confirmed_at = models.DateTimeField(null=True)
    person_sha256 = models.CharField(max_length=64)
    link_sha256 = models.CharField(max_length=64)
    record_sha256 = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("consent event")
        verbose_name_plural = _("consent ledger")
        ordering = ["seq"]
        indexes = [models.Index(fields=["principal_uid", "purpose", "-seq"], name="consent_event_of_person")]

    def __str__(self) -> str:
        return f"{self.seq} {self.purpose} {self.state}"


class ConsentEvidence(models.Model):
    """The only erasable part of an event: who and where (`person`), and the keyed hash of the address (`link`)."""

    event = models.OneToOneField(
        ConsentEvent, primary_key=True, db_column="seq", on_delete=models.PROTECT, related_name="evidence"
    )
    person = models.JSONField(null=True)
    link = models.JSONField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class LedgerHead(models.Model):
    """One row: the last event. Locked last in a transaction that appends, so that there is one writer at a time."""

    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="ledger_head_one_row")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"


class ConsentState(models.Model):
    """The current consent of a member for a purpose: a fold over the ledger, written in the event's transaction."""

    pk = models.CompositePrimaryKey("member_id", "purpose")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="consent_states")
    purpose = models.CharField(max_length=20, choices=Purpose)
    state = models.CharField(max_length=25, choices=State)
    event_seq = models.BigIntegerField()
    event_time = models.DateTimeField()
    notice_version = models.PositiveIntegerField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["purpose", "state"], name="consent_state_by_purpose")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.purpose} {self.state}"


class SuppressionReason(models.TextChoices):
    """Why an address may not be mailed."""

    UNSUBSCRIBED = "unsubscribed", _("left")
    OBJECTED = "objected", _("said never again")
    COMPLAINED = "complained", _("complained")
    HARD_BOUNCE = "hard_bounce", _("address does not exist")
    ERASED = "erased_do_not_contact", _("erased")


class Suppression(models.Model):
    """A keyed hash of an address that may not be mailed or imported. Only the person's own opt-in lifts it."""

    email_hmac = models.CharField(max_length=64)
    key_id = models.CharField(max_length=30)
    reason = models.CharField(_("reason"), max_length=25, choices=SuppressionReason)
    scope = models.CharField(_("scope"), max_length=20, default="all")
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_by_seq = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        indexes = [models.Index(fields=["email_hmac", "key_id"], name="suppression_by_hmac")]

    def __str__(self) -> str:
        return f"{self.reason} {self.created_at:%Y-%m-%d}"


class UndoLink(models.Model):
    """Ten minutes in which who unsubscribed may take it back, from the page that answered their own POST."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="undo_links")
    purposes = models.JSONField()
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.member_id} {self.expires_at}"
