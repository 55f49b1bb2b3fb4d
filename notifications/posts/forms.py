"""The typed form of a post in the back office, and its way to and from what `writing` takes."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from alumni.members.models import RateUnit
from backend.http.errors import InvalidInput
from notifications.audiences.models import Audience
from notifications.posts.content import TERM_FIELDS, TEXT_FIELDS, UNITS, Content
from notifications.posts.models import Kind, Post, Visibility

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Where a problem of `content` is shown, if its field is not a field here.
_SHOWN_AT = {
    "terms.pay": "pay_min",
    "terms.pay.max": "pay_max",
    "terms.pay.unit": "unit",
    "terms.pay.currency": "pay_min",
}
_HELP = {
    "title": _("So it stands in the mail and on LinkedIn. Short is better: 60 characters."),
    "summary": _("One or two sentences, above the text and in the mail."),
    "body": _("Markdown: a line with - is a list, two stars make bold."),
    "apply_url": _("Where people respond. Empty: they answer the mail."),
}


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class PostForm(forms.Form):
    """Texts in each language, terms for a gig or vacancy, skills as a list with commas, for whom, until when."""

    skills = forms.CharField(label=_("Skills"), required=False, help_text=_("Put commas between them."))
    required_skills = forms.CharField(
        label=_("Skills that are needed"), required=False, help_text=_("They weigh heavily; they keep nobody out.")
    )
    audience = forms.ModelChoiceField(label=_("Audience"), queryset=Audience.objects.all(), empty_label=None)
    visibility = forms.ChoiceField(label=_("Visibility"), choices=Visibility.choices)
    closes_on = _day(_("Respond until"))
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, kind: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for language in LANGUAGES:
            for name in TEXT_FIELDS:
                self.fields[f"{name}_{language}"] = _text_field(name, kind, language)
        if kind != Kind.UPDATE:
            self.fields.update(_terms_fields(kind))
        for name in ("skills", "required_skills") if kind == Kind.UPDATE else ():
            del self.fields[name]

    @classmethod
    def of(cls, post: Post, content: Content, data: Any = None) -> "PostForm":
        """The form of a post that exists, filled with its newest text."""
        initial: dict[str, Any] = {
            "audience": post.audience_id,
            "visibility": post.visibility,
            "closes_on": post.closes_on,
            "version": post.version,
            "skills": ", ".join(name for name, required in content.skills if not required),
            "required_skills": ", ".join(name for name, required in content.skills if required),
            **(content.terms or {}),
        }
        for language, text in content.texts.items():
            initial |= {f"{name}_{language}": value for name, value in text.items()}
        return cls(post.kind, data, initial=initial)

    def groups(self) -> dict[str, Any]:
        """Bound fields as the page shows them."""
        texts = [(language, [self[f"{name}_{language}"] for name in TEXT_FIELDS]) for language in LANGUAGES]
        rows = {
            "pay": ("pay_min", "pay_max", "unit"),
            "hours": ("hours_min", "hours_max", "start", "end"),
            "contact": ("contact_name", "contact_email"),
        }
        bound = {group: [self[name] for name in names if name in self.fields] for group, names in rows.items()}
        return {"main": texts[0][1], "others": texts[1:], **bound}

    def to_writing(self) -> dict[str, Any]:
        """What `writing.create` and `writing.update` take. Only after `is_valid()`."""
        data = self.cleaned_data
        texts: dict[str, Any] = {}
        for language in LANGUAGES:
            text = {name: data[f"{name}_{language}"] for name in TEXT_FIELDS}
            # A language without a word is not written in; the main one always is, so that its absence is said.
            if any(text.values()) or language == LANGUAGES[0]:
                texts[language] = text
        named = [(name, False) for name in _listed(data.get("skills"))]
        needed = [(name, True) for name in _listed(data.get("required_skills"))]
        return {
            "texts": texts,
            "terms": self._terms(),
            "skills": needed + named,
            "audience": data["audience"],
            "visibility": data["visibility"],
            "closes_on": data["closes_on"],
        }

    def _terms(self) -> dict[str, Any] | None:
        if self.kind == Kind.UPDATE:
            return None
        terms = {name: self.cleaned_data[name] for name in TERM_FIELDS if name in self.fields}
        # No pay yet is allowed in a draft: then it has no terms.
        return terms if terms["pay_min"] is not None or terms["pay_max"] is not None else None

    def show(self, error: InvalidInput) -> None:
        """Put what a room said at the field it is about."""
        for field, _code, message in error.errors or [("", error.code, error.message)]:
            self.add_error(self._place(field), message)

    def _place(self, field: str) -> str | None:
        if field in _SHOWN_AT and _SHOWN_AT[field] in self.fields:
            return _SHOWN_AT[field]
        parts = field.split(".")
        name = f"{parts[2]}_{parts[1]}" if parts[0] == "texts" and len(parts) == 3 else parts[-1]
        return name if name in self.fields else None


def _listed(words: str | None) -> list[str]:
    return [word.strip() for word in (words or "").replace(";", ",").split(",") if word.strip()]


def _text_field(name: str, kind: str, language: str) -> forms.Field:
    labels = {
        "title": _("Title"),
        "summary": _("Summary"),
        "body": _("Text"),
        "why": _("Why does this happen?") if kind == Kind.UPDATE else _("Why is this there?"),
        "apply_url": _("Link to respond"),
    }
    rows = {"summary": 2, "why": 2, "body": 8}
    attrs: dict[str, Any] = {"lang": language}
    if name == "apply_url":
        return forms.CharField(label=labels[name], required=False, help_text=_HELP[name], widget=forms.URLInput)
    widget = forms.Textarea(attrs=attrs | {"rows": rows[name]}) if name in rows else forms.TextInput(attrs=attrs)
    return forms.CharField(
        label=labels[name], required=False, help_text=_HELP.get(name, ""), widget=widget, strip=False
    )


def _terms_fields(kind: str) -> dict[str, forms.Field]:
    units = [(unit.value, unit.label) for unit in RateUnit if unit.value in UNITS[kind]]
    is_gig = kind == Kind.GIG
    return {
        "pay_min": forms.DecimalField(label=_("Rate from (€)") if is_gig else _("Pay from (€)"), required=False),
        "pay_max": forms.DecimalField(label=_("Rate until (€)") if is_gig else _("Pay until (€)"), required=False),
        "unit": forms.ChoiceField(label=_("Per"), choices=units),
        "hours_min": forms.IntegerField(label=_("Hours a week from"), required=False),
        "hours_max": forms.IntegerField(label=_("Hours a week until"), required=False),
        "start": _day(_("Start")),
        "end": _day(_("End")),
        "place": forms.CharField(label=_("Place"), required=False, max_length=100),
        "remote": forms.BooleanField(label=_("Can be done remotely"), required=False),
        "contact_name": forms.CharField(label=_("Contact"), required=False, max_length=100),
        "contact_email": forms.CharField(
            label=_("E-mail of the contact"), required=False, widget=forms.EmailInput, max_length=100
        ),
    }
