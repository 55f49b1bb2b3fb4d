"""Posts, their immutable versions, work terms and reviews."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
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


class HoldReason(models.TextChoices):
    """Why a post from a feed stays a draft until somebody mends it."""

    NO_PAY = "no_pay", _("The source names no pay. Give a lowest and a highest amount, then submit it.")
    ODD_PAY = "odd_pay", _("The pay that the source names looks mistyped. Correct it, then submit it.")
    NO_LINK = "no_link", _("The source gives no link to respond. Give one, then submit it.")


class PostQuerySet(models.QuerySet["Post"]):
    """Which posts."""

    def published(self) -> "PostQuerySet":
        """Those that a digest may hold now: not closed, and not past their last day."""
        is_open = Q(closes_on__isnull=True) | Q(closes_on__gte=timezone.localdate())
        return self.filter(is_open, state=PostState.PUBLISHED)

    def with_content(self) -> "PostQuerySet":
        """With all that a reader of a post needs: nine queries, however many posts."""
        content = PostVersion.objects.select_related("terms").prefetch_related(
            "texts",
            models.Prefetch(
                "skills", VersionSkill.objects.select_related("skill").order_by("-required", "skill__name")
            ),
            models.Prefetch("reviews", Review.objects.select_related("submitted_by", "decided_by")),
        )
        return self.select_related("audience", "author").prefetch_related(
            models.Prefetch("current_version", content),
            models.Prefetch("versions", content.filter(approved_at__isnull=True), to_attr="open_versions"),
        )


class Post(PublicId):
    """What HR publishes. `current_version` is the newest approved version; digests and drafts point to versions.

    A post has at most one version that is not approved, the newest: what is being written or reviewed. A published post
    that is edited stays published with its approved text until the new one is approved too.
    """

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
    source_sha256 = models.CharField(max_length=64, blank=True, editable=False)  # of the row as the source last gave it
    hold_reason = models.CharField(_("why it stays a draft"), max_length=20, choices=HoldReason, blank=True)
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
    writer_uids = models.JSONField(default=list)  # the uids of who wrote in it: somebody else has to approve it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["post_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="post_version_once"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(approved_at__isnull=True), name="post_one_open_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.number}"

    def text_in(self, language: str) -> "PostText":
        """The words in this language, else in the default one, else in whichever there is."""
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(language) or texts.get(settings.LANGUAGE_CODE) or texts[min(texts)]

    @property
    def terms_or_none(self) -> "WorkTerms | None":
        """The work terms; an update has none, nor has a draft whose pay is not known yet."""
        return getattr(self, "terms", None)


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
    """What became of a submission."""

    APPROVED = "approved", _("approved")
    SENT_BACK = "sent_back", _("sent back")
    VOIDED = "voided", _("void: the text was changed")


class Review(models.Model):
    """A submission, and the sign-off by a second person with the five questions answered, bound to the text's hash.

    The uids stay when the account of a submitter or decider is deleted, so that "by two people" stays provable: a null
    in place of a person would slip through a comparison in SQL.
    """

    post_version = models.ForeignKey(PostVersion, on_delete=models.CASCADE, related_name="reviews")
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="submitted_reviews")
    submitter_uid = models.UUIDField(editable=False)
    submitted_at = models.DateTimeField(_("submitted at"))
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="decided_reviews"
    )
    decider_uid = models.UUIDField(null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True, default="")
    answers = models.JSONField(_("answers"), default=dict)
    remark = models.CharField(_("remark"), max_length=1000, blank=True)
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
                name="review_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(decider_uid__isnull=True) | ~Q(decider_uid=F("submitter_uid")),
                name="review_by_a_second_uid",
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["approved", "sent_back"])
                | Q(decider_uid__isnull=False, decided_at__isnull=False),
                name="review_decided_by_somebody",
            ),
            models.UniqueConstraint(fields=["post_version"], condition=Q(decision=""), name="review_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.post_version_id} {self.decision}"
