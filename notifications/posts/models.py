"""Posts, their immutable versions, work terms and reviews."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User
from alumni.accounts.uid import PublicId
from alumni.members.models import RateUnit, Skill
from notifications.audiences.models import Audience

__all__ = ["Post", "PostText", "PostVersion", "Review", "VersionSkill", "WorkTerms"]


class Kind(models.TextChoices):
    """What a post is. The value of each, made plural, is the purpose that allows it (see PURPOSE_OF)."""

    UPDATE = "update", _("update")
    VACANCY = "vacancy", _("vacancy")
    GIG = "gig", _("gig")


# The purpose (alumni.consent.models.Purpose) whose consent lets a post of this kind be sent.
PURPOSE_OF: dict[str, str] = {Kind.UPDATE: "updates", Kind.VACANCY: "vacancies", Kind.GIG: "gigs"}


class PostState(models.TextChoices):
    """Where a post stands. draft -> in_review -> approved -> published -> closed; in_review -> draft when sent back."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
    CLOSED = "closed", _("closed")


class Visibility(models.TextChoices):
    """Who may see a post."""

    NETWORK = "network", _("members it is for")
    PUBLIC = "public", _("everybody")


class PostQuerySet(models.QuerySet["Post"]):
    """Which posts."""

    def published(self) -> "PostQuerySet":
        """Those that a digest may hold now."""
        return self.filter(state=PostState.PUBLISHED)


class Post(PublicId):
    """What HR publishes. `current_version` is the newest approved version; digests and drafts point to versions."""

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=PostState, default=PostState.DRAFT)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility, default=Visibility.NETWORK)
    slug = models.SlugField(max_length=80, unique=True)
    closes_on = models.DateField(_("closes on"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="posts")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="posts")
    current_version = models.ForeignKey(
        "PostVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("source"), max_length=100, blank=True)
    external_id = models.CharField(_("id at the source"), max_length=100, blank=True)
    hold_reason = models.CharField(_("why it stays a draft"), max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "kind"], name="post_open_by_kind")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=~Q(external_id=""), name="post_once_per_source"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "published"]) | Q(current_version__isnull=False),
                name="post_published_has_version",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def purpose(self) -> str:
        """The purpose whose consent lets this post be sent."""
        return PURPOSE_OF[self.kind]


class PostVersion(models.Model):
    """The text and terms of a post at one moment. Immutable once approved; an edit makes a new version."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["post_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["post", "number"], name="post_version_once")]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.number}"


class PostText(models.Model):
    """The words of a version in one language. `body` is Markdown; `why` is asked of an update."""

    pk = models.CompositePrimaryKey("version_id", "language")
    version = models.ForeignKey(PostVersion, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5)
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=600, blank=True)
    body = models.TextField(_("text"), blank=True)
    why = models.CharField(_("why"), max_length=600, blank=True)
    apply_url = models.URLField(_("where to respond"), max_length=500, blank=True)

    def __str__(self) -> str:
        return self.title


class WorkTerms(models.Model):
    """What a vacancy or gig offers. Money excludes VAT for a gig, is gross for a vacancy; hours are a week."""

    version = models.OneToOneField(PostVersion, primary_key=True, on_delete=models.CASCADE, related_name="terms")
    pay_min = models.DecimalField(_("pay from"), max_digits=10, decimal_places=2)
    pay_max = models.DecimalField(_("pay until"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    unit = models.CharField(_("per"), max_length=5, choices=RateUnit)
    hours_min = models.PositiveSmallIntegerField(_("hours a week from"), null=True, blank=True)
    hours_max = models.PositiveSmallIntegerField(_("hours a week until"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, default="NL")
    remote = models.BooleanField(_("can be done remotely"), default=False)
    start = models.DateField(_("start"), null=True, blank=True)
    end = models.DateField(_("end"), null=True, blank=True)
    contact_name = models.CharField(_("contact"), max_length=100, blank=True)
    contact_email = models.EmailField(_("e-mail of the contact"), blank=True)

    class Meta:
        verbose_name = _("work terms")
        verbose_name_plural = _("work terms")
        constraints = [
            models.CheckConstraint(condition=Q(pay_min__lte=F("pay_max")), name="terms_pay_order"),
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(start__lte=F("end")), name="terms_dates_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pay_min} - {self.pay_max} {self.currency}/{self.unit}"


class VersionSkill(models.Model):
    """A skill that a version asks for. `required` weighs heavily in the match; it excludes nobody."""

    pk = models.CompositePrimaryKey("version_id", "skill_id")
    version = models.ForeignKey(PostVersion, on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="+")
    required = models.BooleanField(_("required"), default=False)

    def __str__(self) -> str:
        return f"{self.version_id} {self.skill_id}"


class Decision(models.TextChoices):
    """What the second person said."""

    APPROVED = "approved", _("approved")
    SENT_BACK = "sent_back", _("sent back")


class Review(models.Model):
    """A submission, and the sign-off by a second person with the five questions answered, bound to the text's hash."""

    post_version = models.ForeignKey(PostVersion, on_delete=models.CASCADE, related_name="reviews")
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="submitted_reviews")
    submitted_at = models.DateTimeField(_("submitted at"))
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="decided_reviews"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, default="")
    answers = models.JSONField(_("answers"), default=dict)
    remark = models.CharField(_("remark"), max_length=1000, blank=True)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="review_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_version_id} {self.decision}"
