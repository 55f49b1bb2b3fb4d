"""The form of the preference page: rhythm, language and pause. Consents are ticks of their own, per purpose."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alumni.members.models import Language, Member
from notifications.digests.models import Frequency, Preference, Weekday

HOURS = [(9, _("Morning, around 9")), (13, _("Afternoon, around 13")), (19, _("Evening, around 19"))]


class PreferencesForm(forms.Form):
    """When, how often, in which language, and from when again."""

    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency.choices)
    weekday = forms.TypedChoiceField(label=_("Day"), choices=Weekday.choices, coerce=int)
    hour = forms.TypedChoiceField(label=_("Part of the day"), choices=HOURS, coerce=int)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    paused_until = forms.DateField(
        label=_("No mail until and including"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("This day does not exist. Write for example 28-02-2027.")},
    )

    @classmethod
    def of(cls, member: Member, preference: Preference, data: Any = None) -> "PreferencesForm":
        """Filled with what holds now, or with what was sent. An hour that was set elsewhere stays a choice."""
        initial = {name: getattr(preference, name) for name in ("frequency", "weekday", "hour")}
        initial |= {"language": member.language, "paused_until": member.paused_until}
        form = cls(data, initial=initial)
        if preference.hour not in dict(HOURS):
            form.fields["hour"].choices = sorted([*HOURS, (preference.hour, f"{preference.hour}.00")])  # type: ignore[attr-defined]
        return form
