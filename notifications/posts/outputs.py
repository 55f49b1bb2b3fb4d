"""Posts as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.http.money import MoneySerializer
from notifications.posts.models import (
    Decision,
    HoldReason,
    Post,
    PostText,
    PostVersion,
    Review,
    VersionSkill,
    WorkTerms,
)
from notifications.posts.models import PostState as State
from notifications.posts.public import public_url
from notifications.posts.review import ANSWERS


class PostTextSerializer(serializers.ModelSerializer[PostText]):
    """The words in one language. `body` is Markdown."""

    class Meta:
        model = PostText
        fields = ("title", "summary", "body", "why", "apply_url")


class WorkTermsSerializer(serializers.ModelSerializer[WorkTerms]):
    """What a vacancy or gig offers. Pay of a gig excludes VAT, of a vacancy it is gross; hours are a week."""

    pay = serializers.SerializerMethodField()

    class Meta:
        model = WorkTerms
        fields = (
            "pay", "hours_min", "hours_max", "place", "country", "remote", "start", "end",
            "contact_name", "contact_email",
        )  # fmt: skip

    @extend_schema_field(MoneySerializer)
    def get_pay(self, terms: WorkTerms) -> dict[str, str]:
        return {
            "min": str(terms.pay_min),
            "max": str(terms.pay_max),
            "currency": terms.currency,
            "unit": terms.unit,
        }


class VersionSkillSerializer(serializers.ModelSerializer[VersionSkill]):
    """A skill that is asked for."""

    name = serializers.CharField(source="skill.name")

    class Meta:
        model = VersionSkill
        fields = ("name", "required")


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """Who asked for a second person, and what that person said. `decision` is null while nobody has."""

    submitted_by = serializers.CharField(source="submitted_by.name", default=None, allow_null=True)
    decided_by = serializers.CharField(source="decided_by.name", default=None, allow_null=True)
    decision = serializers.SerializerMethodField()
    answers = serializers.DictField(child=serializers.ChoiceField(choices=ANSWERS))

    class Meta:
        model = Review
        fields = ("submitted_by", "submitted_at", "decided_by", "decided_at", "decision", "answers", "remark")

    @extend_schema_field({"type": ["string", "null"], "enum": [*Decision.values, None]})
    def get_decision(self, review: Review) -> str | None:
        return review.decision or None


class PostVersionSerializer(serializers.ModelSerializer[PostVersion]):
    """What a version says. `texts` stands by language."""

    texts = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    skills = VersionSkillSerializer(many=True)
    review = serializers.SerializerMethodField()

    class Meta:
        model = PostVersion
        fields = ("number", "approved_at", "texts", "terms", "skills", "review")

    @extend_schema_field(serializers.DictField(child=PostTextSerializer()))
    def get_texts(self, version: PostVersion) -> dict[str, Any]:
        return {text.language: PostTextSerializer(text).data for text in version.texts.all()}

    @extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/WorkTerms"}, {"type": "null"}]})
    def get_terms(self, version: PostVersion) -> dict[str, Any] | None:
        terms = version.terms_or_none
        return None if terms is None else dict(WorkTermsSerializer(terms).data)

    @extend_schema_field(ReviewSerializer(allow_null=True))
    def get_review(self, version: PostVersion) -> dict[str, Any] | None:
        newest = next(iter(version.reviews.all()), None)
        return None if newest is None else dict(ReviewSerializer(newest).data)


class PostSerializer(serializers.ModelSerializer[Post]):
    """A post. `current` is the approved text, which digests use; `pending` is what is being written or reviewed."""

    id = serializers.UUIDField(source="uid")
    state = serializers.ChoiceField(choices=State.choices)
    audience = serializers.CharField(source="audience.code")
    author = serializers.CharField(source="author.name", default=None, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Its page; of a network post only for those it is for.")
    hold_reason = serializers.ChoiceField(
        choices=HoldReason.choices, allow_blank=True, help_text="Why a post of a feed stays a draft; else empty."
    )
    current = serializers.SerializerMethodField()
    pending = serializers.SerializerMethodField()

    class Meta:
        model = Post
        fields = (
            "id", "kind", "state", "visibility", "audience", "url", "closes_on", "published_at", "closed_at", "author",
            "source", "external_id", "hold_reason", "created_at", "updated_at", "current", "pending",
        )  # fmt: skip

    @extend_schema_field(serializers.URLField())
    def get_url(self, post: Post) -> str:
        return public_url(post)

    @extend_schema_field(PostVersionSerializer(allow_null=True))
    def get_current(self, post: Post) -> dict[str, Any] | None:
        version = post.current_version
        return None if version is None else dict(PostVersionSerializer(version).data)

    @extend_schema_field(PostVersionSerializer(allow_null=True))
    def get_pending(self, post: Post) -> dict[str, Any] | None:
        open_versions: list[PostVersion] = post.open_versions  # type: ignore[attr-defined]  # set by with_content()
        return dict(PostVersionSerializer(open_versions[0]).data) if open_versions else None


class ReachSerializer(serializers.Serializer[Any]):
    """How many of the audience a digest would reach now, and why not the others; they add up to `total`."""

    total = serializers.IntegerField()
    reached = serializers.IntegerField()
    reasons = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By code: had_it, no_consent, refused, withdrawn, expired, overtaken, paused, restricted, "
        "suppressed, undeliverable.",
    )
