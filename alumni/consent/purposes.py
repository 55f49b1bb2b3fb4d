"""Purposes as words in a sentence."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.accounts.organisation import the_organisation
from alumni.consent.models import Purpose

_WORDS = {
    Purpose.GIGS: gettext_lazy("gigs"),
    Purpose.VACANCIES: gettext_lazy("vacancies"),
    Purpose.UPDATES: gettext_lazy("news from %(company)s"),
    Purpose.EVENTS: gettext_lazy("invitations to events"),
    Purpose.MATCHING: gettext_lazy("seeing what fits you"),
    Purpose.DIRECTORY: gettext_lazy("being visible to other members"),
    Purpose.MENTIONS: gettext_lazy("your name or photo in posts"),
}


def in_words(purposes: Iterable[str]) -> str:
    """'gigs, vacancies and news from Maasveld', in the active language and the usual order."""
    wanted = set(purposes)
    company = the_organisation().name
    words = [str(_WORDS[purpose]) % {"company": company} for purpose in Purpose if purpose in wanted]
    if len(words) < 2:
        return "".join(words)
    return _("%(list)s and %(last)s") % {"list": ", ".join(words[:-1]), "last": words[-1]}
