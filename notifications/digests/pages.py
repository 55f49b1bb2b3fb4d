"""The member's pages on what they get: preferences, and what they got. Without JavaScript."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from alumni.consent import acts, ledger, standing
from alumni.consent.models import MAIL_PURPOSES
from alumni.members.forms import show
from alumni.members.models import Member
from alumni.members.pages import member_page
from backend.http.errors import KringError
from notifications.digests import history, preferences
from notifications.digests.forms import PreferencesForm

FORM_VERSION = "preferences/1"


@member_page
def my_preferences(request: HttpRequest, member: Member) -> HttpResponse:
    """Purposes, rhythm, language, pause; and stopping altogether. Saving says what changed."""
    preference = preferences.current(member)
    form = PreferencesForm.of(member, preference)
    if request.method == "POST":
        form = PreferencesForm.of(member, preference, request.POST)
        if _ACTS.get(request.POST.get("do", "save"), _save)(request, member, form):
            return redirect("preferences")
        member.refresh_from_db()
    offered = standing.of_member(member, at=timezone.now())
    context = {
        "member": member,
        "form": form,
        "by_mail": [item for item in offered if item.notice_text.notice.purpose in MAIL_PURPOSES],
        "with_profile": [item for item in offered if item.notice_text.notice.purpose not in MAIL_PURPOSES],
        "is_paused": member.is_paused(timezone.localdate()),
    }
    return render(request, "digests/preferences.html", context)


@require_safe
@member_page
def my_digests(request: HttpRequest, member: Member) -> HttpResponse:
    """Each digest that the member got, with the reason of each item."""
    language = translation.get_language() or member.language
    context = {"member": member, "digests": history.of_member(member, language=language)}
    return render(request, "digests/my_digests.html", context | _when_next(member))


def _when_next(member: Member) -> dict[str, Any]:
    due = preferences.current(member).next_due
    return {"next_due": timezone.localtime(due, preferences.zone_of(member.timezone)) if due else None}


def _save(request: HttpRequest, member: Member, form: PreferencesForm) -> bool:
    if not form.is_valid():
        return False
    try:
        preferences.update(member=member, **form.cleaned_data)
    except KringError as error:
        show(error, form)
        return False
    # The page may speak another language from here on: it answers in the one that was just chosen.
    with override(member.language):
        ticked = set(request.POST.getlist("purposes"))
        changed = _choose(request, member, lambda purpose: purpose in ticked)
        messages.success(request, " ".join([_("Saved."), *changed]))
    return True


def _stop(request: HttpRequest, member: Member, _form: PreferencesForm) -> bool:
    """No more mail, still a member."""
    act = acts.of_request(request, method=acts.Method.PREFERENCE_PAGE, channel="web", form_version=FORM_VERSION)
    ledger.withdraw(member=member, purposes=MAIL_PURPOSES, act=act)
    messages.success(request, _("All e-mail has stopped. You are still a member."))
    return True


def _end_pause(request: HttpRequest, member: Member, _form: PreferencesForm) -> bool:
    preferences.update(member=member, paused_until=None)
    messages.success(request, _("The pause has ended."))
    return True


def _choose(request: HttpRequest, member: Member, is_wanted: Any) -> list[str]:
    """Give and withdraw as ticked; returns a sentence for each change. A box that stayed as it was is no act."""
    offered = {item.notice_text.notice.purpose: item for item in standing.of_member(member, at=timezone.now())}
    choices = {purpose: is_wanted(purpose) for purpose, item in offered.items() if is_wanted(purpose) != item.in_force}
    act = acts.of_request(
        request,
        method=acts.Method.PREFERENCE_PAGE,
        channel="web",
        form_version=FORM_VERSION,
        language=member.language,
    )
    ledger.choose(member=member, choices=choices, act=act)
    today = format_date(timezone.localdate(), "j F Y")
    sentences = []
    for purpose, wanted in choices.items():
        name = offered[purpose].notice_text.heading.rstrip(".")
        on = _("%(purpose)s is on since %(date)s.") % {"purpose": name, "date": today}
        off = _("%(purpose)s is off. You no longer get it.") % {"purpose": name}
        sentences.append(on if wanted else off)
    return sentences


_ACTS = {"save": _save, "stop": _stop, "end_pause": _end_pause}
