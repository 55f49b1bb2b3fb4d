"""Digests, editions, runs and preferences as the API shows them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from alumni.members.models import Language
from backend.http.serializers import StrictSerializer
from notifications.digests import reasons
from notifications.digests.models import (
    DigestItem,
    DigestState,
    Edition,
    Frequency,
    ItemOutcome,
    Run,
    RunState,
    Weekday,
)
from notifications.posts.models import Kind, PostVersion
from notifications.posts.outputs import PostTextSerializer, WorkTermsSerializer
from notifications.posts.public import public_url


class ItemSerializer(serializers.Serializer[Any]):
    """One post in a digest: which, why, and where it ended."""

    post = serializers.UUIDField(source="post.uid")
    kind = serializers.ChoiceField(source="post.kind", choices=Kind.choices)
    title = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField(help_text="The sentence that the member reads.")
    reason_data = serializers.JSONField(source="reason", help_text="The same as codes and values.")
    outcome = serializers.ChoiceField(
        choices=ItemOutcome.choices, allow_null=True, help_text="null: where its digest ended."
    )

    def get_title(self, item: DigestItem) -> str:
        return item.version.text_in(self.context["language_of"](item)).title

    @extend_schema_field(serializers.URLField())
    def get_url(self, item: DigestItem) -> str:
        return public_url(item.post)

    def get_reason(self, item: DigestItem) -> str:
        if not item.reason:
            return ""
        company = self.context["company"]
        return reasons.sentence(item.reason, self.context["language_of"](item), company=company)


class DigestSerializer(serializers.Serializer[Any]):
    """One member's digest."""

    id = serializers.UUIDField(source="uid")
    run = serializers.UUIDField(source="run.uid")
    member = serializers.UUIDField(source="member.uid")
    language = serializers.CharField()
    state = serializers.ChoiceField(choices=DigestState.choices)
    subject = serializers.CharField()
    due_at = serializers.DateTimeField()
    handed_over_at = serializers.DateTimeField(allow_null=True)
    message_id = serializers.CharField()
    consent_seq = serializers.IntegerField(
        allow_null=True, help_text="The place in the ledger when consent was asked at hand-off."
    )
    body_sha256 = serializers.CharField(help_text="Of the message that was handed over; empty before.")
    items = ItemSerializer(many=True)


class DigestDetailSerializer(DigestSerializer):
    """With its texts, built again from the post versions: bodies are not stored."""

    exact = serializers.BooleanField(help_text="Whether the texts are byte for byte what was handed over.")
    html = serializers.CharField(help_text="Without the member's own links, unless you have digests:deliver.")
    text = serializers.CharField()


class MyDigestSerializer(serializers.Serializer[Any]):
    """A digest that I got."""

    id = serializers.UUIDField(source="uid")
    subject = serializers.CharField()
    handed_over_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=DigestState.choices)
    items = ItemSerializer(many=True)


_RHYTHM = {"frequency": "fortnightly", "weekday": 4, "hour": 19, "paused_until": None}


class PreferencesSerializer(serializers.Serializer[Any]):
    """When I want my digest."""

    frequency = serializers.ChoiceField(choices=Frequency.choices)
    weekday = serializers.ChoiceField(choices=Weekday.choices, help_text="ISO 8601: 1 is Monday.")
    hour = serializers.IntegerField(help_text="In my own time zone.")
    timezone = serializers.CharField(source="member.timezone")
    language = serializers.CharField(source="member.language")
    paused_until = serializers.DateField(source="member.paused_until", allow_null=True)
    next_due = serializers.DateTimeField(allow_null=True, help_text="null: nothing is on, so nothing comes.")


@extend_schema_serializer(examples=[OpenApiExample("Thursday evening", value=_RHYTHM, request_only=True)])
class PreferencesInput(StrictSerializer):
    """What may be changed; what is not named stays."""

    frequency = serializers.ChoiceField(choices=Frequency.choices, required=False)
    weekday = serializers.ChoiceField(choices=Weekday.choices, required=False)
    hour = serializers.IntegerField(min_value=0, max_value=23, required=False)
    timezone = serializers.CharField(max_length=40, required=False, help_text="IANA, like Europe/Brussels.")
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    paused_until = serializers.DateField(
        allow_null=True, required=False, help_text="That day included; null ends a pause."
    )


class EditionItemSerializer(serializers.Serializer[Any]):
    """One post of an edition, in the edition's language."""

    post = serializers.UUIDField(source="post.uid")
    kind = serializers.ChoiceField(source="post.kind", choices=Kind.choices)
    url = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    terms = serializers.SerializerMethodField()
    is_closed = serializers.SerializerMethodField()

    @extend_schema_field(serializers.URLField())
    def get_url(self, version: PostVersion) -> str:
        return public_url(version.post)

    @extend_schema_field(PostTextSerializer)
    def get_text(self, version: PostVersion) -> dict[str, Any]:
        return dict(PostTextSerializer(version.text_in(self.context["language"])).data)

    @extend_schema_field(WorkTermsSerializer(allow_null=True))
    def get_terms(self, version: PostVersion) -> dict[str, Any] | None:
        terms = version.terms_or_none
        return None if terms is None else dict(WorkTermsSerializer(terms).data)

    def get_is_closed(self, version: PostVersion) -> bool:
        closes_on = version.post.closes_on
        return version.post.closed_at is not None or (closes_on is not None and closes_on < timezone.localdate())


class EditionSerializer(serializers.Serializer[Any]):
    """A week's posts for a whole audience in one language, without anything personal."""

    id = serializers.UUIDField(source="uid")
    audience = serializers.CharField(source="audience.code")
    language = serializers.CharField()
    number = serializers.IntegerField()
    period = serializers.CharField(help_text="ISO week, like 2026-W47.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    items = serializers.SerializerMethodField()

    @extend_schema_field(EditionItemSerializer(many=True))
    def get_items(self, edition: Edition) -> list[dict[str, Any]]:
        versions = [item.version for item in edition.items.all()]
        return list(EditionItemSerializer(versions, many=True, context={"language": edition.language}).data)


class RunSerializer(serializers.Serializer[Any]):
    """One execution: who was looked at, and where each digest stands."""

    id = serializers.UUIDField(source="uid")
    state = serializers.ChoiceField(choices=RunState.choices)
    dry_run = serializers.BooleanField(source="is_dry_run")
    everybody = serializers.BooleanField()
    started_by = serializers.CharField(source="started_by.name", default=None, allow_null=True)
    started_at = serializers.DateTimeField()
    planned_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    members_seen = serializers.IntegerField()
    empty = serializers.IntegerField(help_text="Members who had nothing new and get no mail.")
    digests = serializers.SerializerMethodField(help_text="Digests by state; of a dry run: how many there would be.")

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_digests(self, run: Run) -> dict[str, int]:
        if run.is_dry_run:
            return {"would_be": run.counts.get("digests", 0)}
        by_run: dict[int, dict[str, int]] = self.context["digests"]
        return by_run.get(run.pk, {})


class RunPostSerializer(serializers.Serializer[Any]):
    """Where the pairs (member, post) of one post ended; the outcomes add up to `total`, its audience at that moment."""

    post = serializers.UUIDField()
    total = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField())


class RunDetailSerializer(RunSerializer):
    """A run with its counts per post."""

    posts = serializers.SerializerMethodField()

    @extend_schema_field(RunPostSerializer(many=True))
    def get_posts(self, run: Run) -> list[dict[str, Any]]:
        return list(RunPostSerializer(self.context["posts"], many=True).data)


class RunInput(StrictSerializer):
    """A run now, or what it would do."""

    dry_run = serializers.BooleanField(default=False, help_text="Only count: nothing is written to members or sent.")
    everybody = serializers.BooleanField(default=False, help_text="Also members whose day has not come yet.")


def digest_context(company: str, language: str | None = None) -> dict[str, Any]:
    """What items need to speak: the company's name, and the digest's language unless the reader has another."""

    def language_of(item: DigestItem) -> str:
        return language or item.digest.language

    return {"company": company, "language_of": language_of}
