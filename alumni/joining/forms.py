"""The form of the sign-up page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni.accounts.addresses import checked
from alumni.members.names import clean_name
from backend.http.errors import KringError

KINDS = [("alumnus", _("I worked here")), ("freelancer", _("I work as a freelancer"))]


class SignUpForm(forms.Form):
    """Who signs up. What may be mailed is asked later, on the page behind the link."""

    given_name = forms.CharField(label=_("Given name"), max_length=100)
    infix = forms.CharField(label=_("Infix"), max_length=30, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=150)
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "inputmode": "email"}),
        help_text=_("A private address: it has to work after you left, too."),
    )
    kind = forms.ChoiceField(label=_("What describes you best?"), choices=KINDS)

    def _clean_name(self, field: str, max_length: int) -> str:
        try:
            return clean_name(self.cleaned_data[field], max_length=max_length, field=field)
        except KringError as error:
            raise forms.ValidationError(error.message, code=error.code) from error

    def clean_given_name(self) -> str:
        return self._clean_name("given_name", 100)

    def clean_infix(self) -> str:
        return self._clean_name("infix", 30)

    def clean_family_name(self) -> str:
        return self._clean_name("family_name", 150)

    def clean_email(self) -> str:
        try:
            return checked(self.cleaned_data["email"])
        except KringError as error:
            raise forms.ValidationError(error.message, code=error.code) from error

    def payload(self, language: str) -> dict[str, Any]:
        """What is kept of the sign-up until it is confirmed."""
        names = ("given_name", "infix", "family_name", "kind")
        return {name: self.cleaned_data[name] for name in names} | {"language": language}
