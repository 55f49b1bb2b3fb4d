"""Preferences, runs, digests and editions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.accounts.uid import PublicId
from alumni.members.models import Member
from notifications.audiences.models import Audience
from notifications.posts.models import Post, PostVersion

__all__ = ["Digest", "DigestItem", "Edition", "EditionItem", "Preference", "Run", "RunPost"]


class Frequency(models.TextChoices):
    """How often a member wants a digest."""

    WEEKLY = "weekly", _("every week")
    FORTNIGHTLY = "fortnightly", _("every two weeks")
    MONTHLY = "monthly", _("every month")


class Weekday(models.IntegerChoices):
    """ISO 8601 weekdays."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class Preference(models.Model):
    """When a member wants their digest. `hour` is in the member's time zone; `next_due` in UTC, null = never."""

    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="preference")
    frequency = models.CharField(_("how often"), max_length=12, choices=Frequency, default=Frequency.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday, default=Weekday.TUESDAY)
    hour = models.PositiveSmallIntegerField(_("hour"), default=9)
    next_due = models.DateTimeField(null=True, blank=True, db_index=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="preference_weekday"),
            models.CheckConstraint(condition=Q(hour__gte=0, hour__lte=23), name="preference_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.frequency}"


class RunState(models.TextChoices):
    """Where a run stands."""

    PLANNING = "planning", _("planning")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    DRY_RUN = "dry_run", _("dry run")


class Run(PublicId):
    """One execution that plans, composes and hands over the digests that are due.

    `due_at`: digests due at or before this moment belong to it. `counts` of a dry run: {"digests", "items", "empty"}.
    """

    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.PLANNING)
    started_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    everybody = models.BooleanField(_("also members who are not due yet"), default=False)
    due_at = models.DateTimeField(_("due at"))
    cursor = models.BigIntegerField(default=0)
    members_seen = models.PositiveIntegerField(_("members looked at"), default=0)
    empty = models.PositiveIntegerField(_("had nothing new"), default=0)
    counts = models.JSONField(default=dict)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started at"), auto_now_add=True)
    planned_at = models.DateTimeField(_("planned at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class RunPost(models.Model):
    """How many members of a post's audience ended where, in one run. The counts of a (run, post) add up to it."""

    pk = models.CompositePrimaryKey("run_id", "post_id", "outcome")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="run_posts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="run_posts")
    outcome = models.CharField(max_length=20)
    n = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.run_id} {self.post_id} {self.outcome} {self.n}"


class DigestState(models.TextChoices):
    """planned -> claimed -> handing_over -> handed_over | failed | unconfirmed; claimed -> planned (retry), withheld,
    closed; handed_over -> bounced."""

    PLANNED = "planned", _("waiting")
    CLAIMED = "claimed", _("claimed")
    HANDING_OVER = "handing_over", _("being handed over")
    HANDED_OVER = "handed_over", _("handed over")
    FAILED = "failed", _("failed")
    BOUNCED = "bounced", _("bounced")
    WITHHELD = "withheld", _("withheld")
    CLOSED = "closed", _("closed before it could be sent")
    SET_ASIDE = "set_aside", _("could not be rendered")
    UNCONFIRMED = "unconfirmed", _("unconfirmed")


class Digest(PublicId):
    """One member's own collection of posts, sent as one e-mail.

    `consent_seq` is the head of the ledger when consent was asked at hand-off, read in the same snapshot: with the
    item's purpose it names the consent event that allowed each item. Bodies are not stored: `body_sha256` says whether
    a rebuilt one is what was sent.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="digests")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="digests")
    language = models.CharField(_("language"), max_length=5)
    state = models.CharField(_("state"), max_length=15, choices=DigestState, default=DigestState.PLANNED)
    due_at = models.DateTimeField(_("due at"))
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    retry_at = models.DateTimeField(_("next attempt"), null=True)
    message_id = models.CharField(max_length=200, unique=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    consent_seq = models.BigIntegerField(null=True)
    body_sha256 = models.CharField(max_length=64, blank=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    reply = models.CharField(_("answer of the mail server"), max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "retry_at"], name="digest_due"),
            models.Index(fields=["lease"], name="digest_lease", condition=Q(lease__isnull=False)),
        ]
        constraints = [models.UniqueConstraint(fields=["run", "member"], name="digest_once_per_run")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.state}"


class ItemOutcome(models.TextChoices):
    """Where an item ended apart from its digest. Null on the item = as its digest."""

    WITHHELD = "withheld", _("withheld")
    CLOSED = "closed", _("closed before it could be sent")
    SET_ASIDE = "set_aside", _("could not be rendered")


class DigestItem(models.Model):
    """One post in one member's digest. The key is (member, post): one post reaches one member once, ever.

    `reason` is {"code": …, values}; see `match.py` for the codes.
    """

    pk = models.CompositePrimaryKey("member_id", "post_id")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="digest_items", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="digest_items")
    digest = models.ForeignKey(Digest, on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(PostVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    rank = models.PositiveSmallIntegerField()
    reason = models.JSONField(default=list)
    outcome = models.CharField(max_length=10, choices=ItemOutcome, null=True)

    def __str__(self) -> str:
        return f"{self.member_id} {self.post_id}"


class Edition(PublicId):
    """A week's posts for an audience in one language, without anything personal. `period` is an ISO week, 2026-W47."""

    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="editions")
    language = models.CharField(_("language"), max_length=5)
    number = models.PositiveIntegerField(_("number"))
    period = models.CharField(_("week"), max_length=8)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["audience", "language", "number"], name="edition_number_once"),
            models.UniqueConstraint(fields=["audience", "language", "period"], name="edition_period_once"),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.language}"


class EditionItem(models.Model):
    """One post version in an edition."""

    pk = models.CompositePrimaryKey("edition_id", "version_id")
    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="items")
    version = models.ForeignKey(PostVersion, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.edition_id} {self.version_id}"
