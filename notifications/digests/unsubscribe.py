"""`/u/<token>`: behind *Afmelden* and *Voorkeuren* in each digest, and the address of the one-click POST.

The link is lasting, so it can only end or lessen: no login, no cookie, no CSRF token (the token in the address is the
proof). Switching on asks for a login. GET, HEAD and OPTIONS change nothing: mail scanners follow every link.
"""

import datetime as dt

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from alumni.accounts.addresses import masked
from alumni.accounts.language import speak
from alumni.consent import acts, ledger, standing
from alumni.consent.models import MAIL_PURPOSES, Purpose
from alumni.consent.months import add_months
from alumni.consent.purposes import in_words
from alumni.members.models import Member
from backend.http.errors import Gone, InvalidInput, KringError
from notifications.digests import preferences
from notifications.digests.models import Frequency, Preference
from notifications.mail import links, unsubscribe

FORM_VERSION = "unsubscribe/1"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# From often to rare: by this link a rhythm only goes to the right.
RHYTHMS = list(Frequency)
PAUSE_MONTHS = 3


@csrf_exempt
@never_cache
def page(request: HttpRequest, token: str) -> HttpResponse:
    """404 for a token that we did not sign; 200 and nothing for one of a person who was erased."""
    link = links.read(token)
    if link is None:
        raise Http404
    form = _form(request)
    if request.method not in METHODS:
        response: HttpResponse = HttpResponseNotAllowed(METHODS)
    elif request.method == "OPTIONS":
        response = HttpResponse(headers={"Allow": ", ".join(METHODS)})
    elif request.method == "POST" and "do" not in form:
        unsubscribe.by_one_click(link)
        response = HttpResponse("OK\n", content_type="text/plain")
    else:
        response = _for_people(request, link, form)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _form(request: HttpRequest) -> QueryDict:
    """What was posted. A body that cannot be read is no reason to keep somebody on the list: it counts as one-click."""
    try:
        return request.POST
    except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError, ValueError):
        return QueryDict()


def _for_people(request: HttpRequest, link: links.Link, form: QueryDict) -> HttpResponse:
    member = Member.objects.filter(uid=link.member_uid).first()
    if member is None:
        return render(request, "digests/unsubscribe_gone.html")
    speak(request, member.language)
    act = _ACTS.get(form.get("do", "")) if request.method == "POST" else None
    if act is None:
        return _show(request, member)
    try:
        return act(request, member, form)
    except KringError as error:
        member.refresh_from_db()
        return _show(request, member, problem=error.message, status=410 if isinstance(error, Gone) else 400)


def _show(
    request: HttpRequest, member: Member, *, saved: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """The page as things stand, with a word on what was just done. Writes nothing."""
    preference = Preference.objects.filter(member=member).first() or Preference(member=member)
    offered = standing.of_member(member, at=timezone.now())
    by_mail = [item for item in offered if item.notice_text.notice.purpose in MAIL_PURPOSES]
    current = [item.notice_text.notice.purpose for item in by_mail if item.in_force]
    context = {
        "member": member,
        "masked": masked(member.email),
        "current": in_words(current),
        "offered": offered,
        "anything": any(item.in_force for item in offered),
        "can_be_gigs_only": Purpose.GIGS in current and len(current) > 1,
        "can_be_monthly": preference.frequency != Frequency.MONTHLY,
        "rhythms": [(value.value, value.label) for value in RHYTHMS[RHYTHMS.index(Frequency(preference.frequency)) :]],
        "is_paused": member.is_paused(_today(member)),
        "tomorrow": _today(member) + dt.timedelta(days=1),
        "saved": saved,
        "problem": problem,
    }
    return render(request, "digests/unsubscribe.html", context, status=status)


def _stop(request: HttpRequest, member: Member, _posted: QueryDict) -> HttpResponse:
    """*Ja, meld me af*: every mail ends at once."""
    ended = unsubscribe.withdraw(member=member, purposes=MAIL_PURPOSES, act=_act(request))
    context = {
        "member": member,
        "ended": in_words(ended.purposes),
        "moment": date_format(
            timezone.localtime(timezone=preferences.zone_of(member.timezone)), pgettext("date format", "j F Y, H:i")
        ),
        "undo_token": ended.undo_token,
    }
    return render(request, "digests/unsubscribe_done.html", context)


def _undo(request: HttpRequest, member: Member, posted: QueryDict) -> HttpResponse:
    """Within ten minutes, from the page that answered the person's own POST."""
    again = unsubscribe.undo(member=member, token=posted.get("undo", ""), act=_act(request))
    return _show(request, member, saved=_("Undone. You get %(purposes)s again.") % {"purposes": in_words(again)})


def _less(request: HttpRequest, member: Member, posted: QueryDict) -> HttpResponse:
    """One of the three ways to get less without stopping."""
    choice = posted.get("less")
    if choice == "gigs":
        said = _switch_off(request, member, [purpose for purpose in MAIL_PURPOSES if purpose != Purpose.GIGS])
    elif choice == "monthly":
        said = _slow_down(member, Frequency.MONTHLY)
    elif choice == "pause":
        here = timezone.now().astimezone(preferences.zone_of(member.timezone))
        said = _pause(member, add_months(here, PAUSE_MONTHS).date())
    else:
        raise InvalidInput(_("Choose one of the three, or press the button above."), code="required", field="less")
    return _show(request, member, saved=" ".join([_("Saved."), *said]))


def _save(request: HttpRequest, member: Member, posted: QueryDict) -> HttpResponse:
    """The finer form: boxes that were unticked, a rarer rhythm, a longer pause. What would be more is left alone."""
    until = _day(posted.get("paused_until", ""), member)
    kept = set(posted.getlist("purposes"))
    said = _switch_off(request, member, [str(purpose) for purpose in Purpose if str(purpose) not in kept])
    said += _slow_down(member, posted.get("frequency", ""))
    if until is not None:
        said += _pause(member, until)
    return _show(request, member, saved=" ".join([_("Saved."), *said]))


_ACTS = {"unsubscribe": _stop, "undo": _undo, "less": _less, "save": _save}


def _act(request: HttpRequest) -> acts.Act:
    return acts.of_request(
        request, method=acts.Method.PREFERENCE_PAGE, channel=acts.Channel.WEB, form_version=FORM_VERSION
    )


def _switch_off(request: HttpRequest, member: Member, purposes: list[str]) -> list[str]:
    events = ledger.withdraw(member=member, purposes=purposes, act=_act(request))
    ended = in_words(event.purpose for event in events)
    return [_("Switched off: %(purposes)s. You no longer get it.") % {"purposes": ended}] if ended else []


def _slow_down(member: Member, frequency: str) -> list[str]:
    now = preferences.ensure(member).frequency
    if frequency not in RHYTHMS or RHYTHMS.index(Frequency(frequency)) <= RHYTHMS.index(Frequency(now)):
        return []
    preferences.update(member=member, frequency=frequency)
    label = pgettext("rhythm", "You get at most one e-mail: %(rhythm)s.")
    return [label % {"rhythm": str(Frequency(frequency).label).lower()}]


def _pause(member: Member, until: dt.date) -> list[str]:
    """A pause can get longer by this link, never shorter: that would be more mail."""
    if member.paused_until is not None and until <= member.paused_until:
        return []
    preferences.update(member=member, paused_until=until)
    day = date_format(until, "DATE_FORMAT")
    return [_("You are paused until %(date)s. We do not e-mail you.") % {"date": day}]


def _day(text: str, member: Member) -> dt.date | None:
    if not text.strip():
        return None
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            _("This day does not exist. Write for example 28-02-2027."), code="date", field="paused_until"
        ) from None
    if day <= _today(member):
        raise InvalidInput(_("Choose a day after today."), code="past", field="paused_until")
    return day


def _today(member: Member) -> dt.date:
    return timezone.now().astimezone(preferences.zone_of(member.timezone)).date()
