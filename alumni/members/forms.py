"""Forms of the member's own pages. What a value may be is decided in `profile.py`; these only read what was typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni.members import countries
from alumni.members.models import FreelanceProfile, Member, RateUnit
from backend.http.errors import InvalidInput, KringError


class ProfileForm(forms.Form):
    """Who and where."""

    given_name = forms.CharField(label=_("Given name"), max_length=100)
    infix = forms.CharField(label=_("Infix"), max_length=30, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=150)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=lambda: sorted((code, code) for code in countries.CODES))

    @classmethod
    def of(cls, member: Member, data: Any = None) -> "ProfileForm":
        """Filled with what is known, or with what was sent."""
        return cls(data, initial={name: getattr(member, name) for name in cls.base_fields})


def _day(label: Any) -> forms.DateField:
    """A day that may stay empty, in the browser's own calendar field."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    invalid = _("This day does not exist. Write for example 28-02-2027.")
    return forms.DateField(label=label, required=False, widget=widget, error_messages={"invalid": invalid})


class FreelanceForm(forms.Form):
    """What a freelancer offers, and when."""

    available_from = _day(_("Available from"))
    available_until = _day(_("Until (may stay empty)"))
    hours_min = forms.IntegerField(label=_("Hours a week, at least"), required=False)
    hours_max = forms.IntegerField(label=_("Hours a week, at most"), required=False)
    rate_min = forms.DecimalField(label=_("Rate from, in euros"), required=False, localize=True)
    rate_max = forms.DecimalField(label=_("Rate until, in euros"), required=False, localize=True)
    rate_unit = forms.ChoiceField(label=_("Per"), choices=[(u.value, u.label) for u in (RateUnit.HOUR, RateUnit.DAY)])
    trade_name = forms.CharField(label=_("Trade name"), max_length=200, required=False)
    kvk = forms.CharField(label=_("KvK number"), max_length=20, required=False)
    enterprise_no = forms.CharField(label=_("Enterprise number (Belgium)"), max_length=20, required=False)
    vat_id = forms.CharField(label=_("VAT id"), max_length=20, required=False)

    @classmethod
    def of(cls, profile: FreelanceProfile | None, data: Any = None) -> "FreelanceForm":
        """Filled with what is known, or with what was sent."""
        known = {name: getattr(profile, name) for name in cls.base_fields} if profile else {"rate_unit": RateUnit.HOUR}
        return cls(data, initial=known)


def show(error: KringError, form: forms.Form) -> None:
    """Put what a room refused at the fields of a form that was read."""
    items = error.errors if isinstance(error, InvalidInput) else [(error.field or "", error.code, error.message)]
    for field, _code, message in items:
        form.add_error(field if field in form.fields else None, message)
