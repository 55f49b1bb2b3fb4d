"""What the API takes for a gig, a vacancy and an update: each schema names exactly what its kind needs.

A text stands under its language: `{"texts": {"nl": {"title": …}, "en": {"title": …}}}`. In a PATCH what is left out
stays as it is, and a language that is null goes.
"""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from backend.http.money import MoneySerializer
from backend.http.serializers import StrictSerializer, TextField
from notifications.audiences.models import Audience
from notifications.posts.models import Decision, Kind, Visibility
from notifications.posts.review import ANSWERS, QUESTIONS

# What a gig has not: each says that there is an employer.
JOB_WORDS = frozenset({"salary", "wage", "salaris", "loon", "contract", "holidays", "probation", "pension", "manager"})


class _Whole(StrictSerializer):
    """Given whole or not at all: in a PATCH too, what it needs is needed and its defaults hold."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        for name, field in self.fields.items():
            if not field.required and field.default is not serializers.empty:
                given.setdefault(name, field.default)
        return given

    def _problems(self, data: dict[str, Any]) -> dict[str, list[serializers.ErrorDetail]]:
        problems = super()._problems(data)
        for name, field in self.fields.items():
            if field.required and name not in data:
                problems[name] = [serializers.ErrorDetail(_("This field is required."), code="required")]
        return problems


class PostTextInput(StrictSerializer):
    """The words in one language."""

    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=600, allow_blank=True, required=False, help_text="One or two sentences.")
    body = TextField(
        max_length=20_000, allow_blank=True, required=False, help_text="Markdown; raw HTML is shown as text."
    )
    why = serializers.CharField(max_length=600, allow_blank=True, required=False, help_text="Why this is there.")
    apply_url = serializers.URLField(max_length=500, allow_blank=True, required=False, help_text="Where to respond.")


class UpdateTextInput(PostTextInput):
    """The words of an update in one language: it says why."""

    why = serializers.CharField(max_length=600, help_text="Why this happens, in a sentence.")


class PostTextsInput(StrictSerializer):
    """The texts by language; at least one."""

    text_class: type[PostTextInput] = PostTextInput

    def get_fields(self) -> dict[str, Any]:
        return {
            code: self.text_class(required=False, allow_null=True, help_text="null in a PATCH takes it away.")
            for code, _name in settings.LANGUAGES
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not self.root.partial and (not attrs or None in attrs.values()):
            raise serializers.ValidationError(_("Write the text in at least one language."), code="required")
        return attrs


class UpdateTextsInput(PostTextsInput):
    """The texts of an update by language; at least one."""

    text_class = UpdateTextInput


class SkillInput(_Whole):
    """A skill that is asked for. Required weighs heavily in the match; it excludes nobody."""

    name = serializers.CharField(max_length=100)
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]  # a field, not our own flag


class GigRateInput(_Whole, MoneySerializer):
    """A rate, excluding VAT."""

    unit = serializers.ChoiceField(choices=("hour", "day", "fixed"))


class VacancyPayInput(_Whole, MoneySerializer):
    """Gross pay."""

    unit = serializers.ChoiceField(choices=("hour", "month", "year"))


class GigTermsInput(StrictSerializer):
    """What a gig offers."""

    pay = GigRateInput()
    hours_min = serializers.IntegerField(min_value=1, max_value=168, allow_null=True, required=False)
    hours_max = serializers.IntegerField(min_value=1, max_value=168, allow_null=True, required=False)
    place = serializers.CharField(max_length=100, allow_blank=True, required=False)
    country = serializers.RegexField("^[A-Z]{2}$", required=False, help_text="ISO 3166-1. Default: NL.")
    remote = serializers.BooleanField(required=False)
    start = serializers.DateField(allow_null=True, required=False)
    end = serializers.DateField(allow_null=True, required=False)
    contact_name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    contact_email = serializers.EmailField(allow_blank=True, required=False)

    def _problems(self, data: dict[str, Any]) -> dict[str, list[serializers.ErrorDetail]]:
        problems = super()._problems(data)
        for name in JOB_WORDS & set(data):
            message = _('"%s" does not belong in a gig. Give the rate, under terms.pay.') % name
            problems[name] = [serializers.ErrorDetail(message, code="job_word")]
        return problems


class VacancyTermsInput(GigTermsInput):
    """What a vacancy offers."""

    pay = VacancyPayInput()  # type: ignore[assignment]

    def _problems(self, data: dict[str, Any]) -> dict[str, list[serializers.ErrorDetail]]:
        return StrictSerializer._problems(self, data)


class PostInput(StrictSerializer):
    """What every kind of post takes."""

    texts = PostTextsInput()
    audience = serializers.SlugRelatedField(
        slug_field="code", queryset=Audience.objects.all(), help_text="everybody, alumni or freelancers."
    )
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False, help_text="Default: network.")
    closes_on = serializers.DateField(
        allow_null=True,
        required=False,
        help_text="The last day on which one can respond; it closes by itself after it.",
    )
    skills = serializers.ListField(child=SkillInput(), required=False, max_length=30)
    source = serializers.SlugField(  # type: ignore[assignment]  # a field, not where ours comes from
        max_length=100, required=False, help_text="Where it comes from."
    )
    external_id = serializers.CharField(max_length=100, required=False, help_text="Its id there; unique in the source.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.partial and {"source", "external_id"} & set(attrs):
            raise serializers.ValidationError({"external_id": _("Where a post comes from does not change.")})
        if bool(attrs.get("source")) != bool(attrs.get("external_id")):
            raise serializers.ValidationError({"external_id": _("Give source and external_id together.")})
        return attrs

    def to_writing(self) -> dict[str, Any]:
        """The validated input as `writing.create` and `writing.update` take it."""
        data = dict(self.validated_data)
        if data.get("terms") is not None:
            terms = dict(data["terms"])
            if pay := terms.pop("pay", None):
                amounts = {"pay_min": pay["min"], "pay_max": pay["max"]}
                terms |= {**amounts, "currency": pay["currency"], "unit": pay["unit"]}
            data["terms"] = terms
        if "skills" in data:
            data["skills"] = [(skill["name"], skill["required"]) for skill in data["skills"]]
        return data


_GIG = {
    "texts": {
        "nl": {
            "title": "Meetdata van 40 pompstations op orde brengen",
            "summary": "De debietgegevens van 2019 tot nu moeten te vertrouwen zijn.",
            "body": "Eén gecontroleerde dataset, met per gat de oorzaak.",
        }
    },
    "audience": "freelancers",
    "visibility": "network",
    "closes_on": "2027-12-04",
    "terms": {
        "pay": {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"},
        "hours_min": 24,
        "hours_max": 24,
        "place": "Utrecht",
        "start": "2027-01-04",
    },
    "skills": [{"name": "Python", "required": True}, {"name": "PostgreSQL"}],
}


@extend_schema_serializer(examples=[OpenApiExample("A gig", value=_GIG, request_only=True)])
class GigInput(PostInput):
    """A gig: an assignment for a freelancer, with its rate."""

    terms = GigTermsInput()


_VACANCY = {
    "texts": {"nl": {"title": "Beheerder gemalen", "apply_url": "https://werkenbij.maasveld.example/12"}},
    "audience": "everybody",
    "visibility": "public",
    "terms": {
        "pay": {"min": "3200.00", "max": "4100.00", "currency": "EUR", "unit": "month"},
        "hours_min": 32,
        "hours_max": 36,
        "place": "Utrecht",
    },
    "skills": [{"name": "Elektrotechniek", "required": True}],
}


@extend_schema_serializer(examples=[OpenApiExample("A vacancy", value=_VACANCY, request_only=True)])
class VacancyInput(PostInput):
    """A vacancy: a job, with its pay."""

    terms = VacancyTermsInput()


_UPDATE = {
    "texts": {
        "nl": {
            "title": "Nieuw laboratorium in Deventer",
            "summary": "In maart gaat het open.",
            "why": "Het oude gebouw werd te klein.",
        }
    },
    "audience": "alumni",
}


@extend_schema_serializer(examples=[OpenApiExample("An update", value=_UPDATE, request_only=True)])
class UpdateInput(PostInput):
    """News of the company, with why it happens."""

    texts = UpdateTextsInput()


INPUT_OF_KIND: dict[str, type[PostInput]] = {
    Kind.GIG: GigInput,
    Kind.VACANCY: VacancyInput,
    Kind.UPDATE: UpdateInput,
}


class AnswersInput(StrictSerializer):
    """The five questions, each with yes, no or doubt. Approved is: yes to four, and no to ask_first."""

    def get_fields(self) -> dict[str, Any]:
        return {
            key: serializers.ChoiceField(choices=ANSWERS, required=False, help_text=str(question))
            for key, question in QUESTIONS.items()
        }


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "Approve",
            value={
                "decision": "approved",
                "answers": {
                    "newspaper": "yes",
                    "secrets": "yes",
                    "respectful": "yes",
                    "right": "yes",
                    "ask_first": "no",
                },
            },
        ),
        OpenApiExample("Send back", value={"decision": "sent_back", "remark": "Noem het resultaat in de titel."}),
    ]
)
class DecisionInput(StrictSerializer):
    """What the second person says."""

    decision = serializers.ChoiceField(
        choices=[Decision.APPROVED, Decision.SENT_BACK], default=Decision.APPROVED, help_text="Default: approved."
    )
    answers = AnswersInput(required=False, help_text="All five are needed to approve.")
    remark = TextField(
        max_length=1000, allow_blank=True, default="", help_text="Needed to send it back, and with a doubt."
    )
