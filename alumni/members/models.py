"""Members and the parts of their profile."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alumni.accounts.addresses import email_key
from alumni.accounts.models import User
from alumni.accounts.uid import PublicId
from alumni.members.names import sort_name

__all__ = ["Employment", "FreelanceProfile", "Member", "MemberSkill", "Skill", "SkillAlias"]


class Language(models.TextChoices):
    """What a member reads. BCP 47."""

    NL = "nl", "Nederlands"
    EN = "en", "English"


class RateUnit(models.TextChoices):
    """What an amount of money is for."""

    HOUR = "hour", _("hour")
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    FIXED = "fixed", _("fixed")


class PermissionRemark(models.TextChoices):
    """What an import or exit talk says of earlier permission. No consent: it lets HR invite, or forbids it."""

    YES = "yes", _("said yes at the exit")
    NO = "no", _("said no at the exit")
    UNKNOWN = "", _("not known")


class MemberQuerySet(models.QuerySet["Member"]):
    """Which members."""

    def joined(self) -> "MemberQuerySet":
        """Those who opted in (whatever they then ticked) and did not leave."""
        return self.filter(joined_at__isnull=False, left_at__isnull=True)


class Member(PublicId):
    """A person in the network: a former employee, a freelancer, or both.

    `joined_at` is null until the person opts in through their own mailbox; an import never sets it.
    `version` rises with each change and is the ETag.
    """

    given_name = models.CharField(_("given name"), max_length=100)
    infix = models.CharField(_("infix"), max_length=30, blank=True)
    family_name = models.CharField(_("family name"), max_length=150)
    sort_name = models.CharField(max_length=300, db_index=True, editable=False)
    email = models.EmailField(_("e-mail address"), max_length=254)
    email_key = models.CharField(max_length=254, unique=True, editable=False)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="member")
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NL")
    language = models.CharField(_("language"), max_length=5, choices=Language, default=Language.NL)
    timezone = models.CharField(_("time zone"), max_length=40, default="Europe/Amsterdam")
    is_alumnus = models.BooleanField(_("former colleague"), default=False)
    is_freelancer = models.BooleanField(_("freelancer"), default=False)
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    restricted_at = models.DateTimeField(_("processing restricted at"), null=True, blank=True)
    undeliverable_at = models.DateTimeField(_("address undeliverable since"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    permission_remark = models.CharField(
        _("permission at the exit"), max_length=10, choices=PermissionRemark, blank=True, default=""
    )
    permission_remark_from = models.CharField(_("where that was written"), max_length=300, blank=True)
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["sort_name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(is_alumnus=True) | Q(is_freelancer=True), name="member_has_a_kind"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Store, with the derived columns kept true. Bulk writers call `derive()` themselves."""
        self.derive()
        if update_fields is not None:
            update_fields = {*update_fields, "email_key", "sort_name", "updated_at"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def derive(self) -> None:
        """Fill the columns that follow from others: what addresses are compared by, and what names are sorted by."""
        self.email_key = email_key(self.email)
        self.sort_name = sort_name(
            given_name=self.given_name, infix=self.infix, family_name=self.family_name, country=self.country
        )

    @property
    def full_name(self) -> str:
        """As one says it: Nathan van der Kamp."""
        return " ".join(part for part in (self.given_name, self.infix, self.family_name) if part)

    def is_paused(self, on: dt.date) -> bool:
        """Whether `on`, a day in the member's own time zone, falls in the pause; the last day is part of it."""
        return self.paused_until is not None and on <= self.paused_until


class Employment(models.Model):
    """A period in which a member worked here."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="employments")
    role = models.CharField(_("role"), max_length=200, blank=True)
    department = models.CharField(_("department"), max_length=200, blank=True, db_index=True)
    started_on = models.DateField(_("from"))
    ended_on = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    external_id = models.CharField(_("personnel number"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("employment")
        verbose_name_plural = _("employments")
        ordering = ["-started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="employment_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id", "started_on"],
                condition=~Q(external_id=""),
                name="employment_once_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.started_on}"


class FreelanceProfile(models.Model):
    """What a freelancer offers. Rates exclude VAT; hours are a week."""

    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="freelance")
    trade_name = models.CharField(_("trade name"), max_length=200, blank=True)
    kvk = models.CharField(_("KvK number"), max_length=8, blank=True)
    enterprise_no = models.CharField(_("enterprise number (BE)"), max_length=10, blank=True)
    vat_id = models.CharField(_("VAT id"), max_length=20, blank=True)
    rate_min = models.DecimalField(_("rate from"), max_digits=9, decimal_places=2, null=True, blank=True)
    rate_max = models.DecimalField(_("rate until"), max_digits=9, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    rate_unit = models.CharField(_("per"), max_length=5, choices=RateUnit, default=RateUnit.HOUR)
    hours_min = models.PositiveSmallIntegerField(_("hours a week from"), null=True, blank=True)
    hours_max = models.PositiveSmallIntegerField(_("hours a week until"), null=True, blank=True)
    available_from = models.DateField(_("available from"), null=True, blank=True)
    available_until = models.DateField(_("available until"), null=True, blank=True)
    available_confirmed_on = models.DateField(_("availability confirmed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("freelance profile")
        verbose_name_plural = _("freelance profiles")
        constraints = [
            models.CheckConstraint(
                condition=Q(rate_min__isnull=True) | Q(rate_max__isnull=True) | Q(rate_min__lte=F("rate_max")),
                name="freelance_rate_order",
            ),
            models.CheckConstraint(
                condition=Q(hours_min__isnull=True) | Q(hours_max__isnull=True) | Q(hours_min__lte=F("hours_max")),
                name="freelance_hours_order",
            ),
            models.CheckConstraint(
                condition=Q(available_from__isnull=True)
                | Q(available_until__isnull=True)
                | Q(available_from__lte=F("available_until")),
                name="freelance_availability_order",
            ),
        ]

    def __str__(self) -> str:
        return self.trade_name or str(self.member)


class Skill(models.Model):
    """A normalised skill. `key` is `skills.skill_key(name)`: no duplicate by case, accent or spelling."""

    name = models.CharField(_("name"), max_length=100)
    key = models.CharField(max_length=100, unique=True, editable=False)
    esco_uri = models.URLField(_("ESCO concept"), blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SkillAlias(models.Model):
    """Another way to write a skill (postgres = PostgreSQL)."""

    key = models.CharField(max_length=100, unique=True)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="aliases")

    def __str__(self) -> str:
        return self.key


class MemberSkill(models.Model):
    """A skill that a member lists."""

    pk = models.CompositePrimaryKey("member_id", "skill_id")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="member_skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="member_skills")
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.member_id} {self.skill_id}"
