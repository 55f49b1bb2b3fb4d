"""Signing up, and the pages behind the links of the opt-in and the invitation. GET looks; only POST writes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alumni.accounts.addresses import masked
from alumni.accounts.language import speak
from alumni.consent import acts, notices, standing
from alumni.consent.models import MAIL_PURPOSES, OFFERED_PURPOSES
from alumni.joining import answering, sign_up
from alumni.joining.forms import SignUpForm
from alumni.joining.join_limits import is_allowed
from alumni.members.models import Member
from backend.http.errors import Gone, NotFound

FORM_VERSION = "opt-in/1"
View = Callable[..., HttpResponse]


def behind_a_link(view: View) -> View:
    """A page behind a link with a token: not kept, not named to others, not indexed; its errors are pages too.

    The token is the proof, so no CSRF token is asked: with `no-referrer` browsers send `Origin: null`, which Django's
    check refuses.
    """

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except NotFound as error:
            response = render(request, "joining/dead_link.html", {"text": error.message}, status=404)
        except Gone as error:
            context = {"text": error.message, "code": error.code}
            response = render(request, "joining/dead_link.html", context, status=410)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return page


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Sign up. The answer is the same for everybody."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not is_allowed(request, email):
            return render(request, "joining/too_often.html", status=429)
        language = translation.get_language() or "nl"
        sign_up.request(email=email, payload=form.payload(language))
        return render(request, "joining/look_in_your_mailbox.html", {"address": email})
    return render(request, "joining/join.html", {"form": form})


@behind_a_link
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """Choose, purpose by purpose: nothing is ticked, nothing is required."""
    answer = request.POST.get("answer", "") if request.method == "POST" else ""
    if answer == "not_me":
        sign_up.not_me(token=token)
        return _done(request, _("Thank you. We have erased this request."))
    if answer == "renew":
        sign_up.renew(token=token)
        return _sent_again(request)
    row = sign_up.find(token)
    speak(request, row.payload["language"])
    if answer == "confirm":
        member = sign_up.confirm(token=token, consents=_choices(request), act=_act(request))
        return _welcome(request, member)
    lead = {"first_name": row.payload["given_name"], "address": masked(row.email), "sent_at": row.sent_at}
    return render(request, "joining/opt_in.html", _page(lead | {"expires_at": row.expires_at}))


@behind_a_link
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The same for somebody who was invited, with two ways to say no."""
    answer = request.POST.get("answer", "") if request.method == "POST" else ""
    if answer == "renew":
        answering.renew(token=token)
        return _sent_again(request)
    invitation, member = answering.find(token)
    speak(request, member.language)
    if answer == "confirm":
        return _welcome(request, answering.accept(token=token, consents=_choices(request), act=_act(request)))
    if answer == "decline":
        answering.decline(token=token)
        text = _("Fine. We do not e-mail you and will not invite you again. If you change your mind, sign up yourself.")
        return _done(request, text, offers_sign_up=True)
    if answer == "never":
        answering.never(token=token)
        text = _(
            "Done. Your data are erased. We keep only a scrambled code of your address, so that we do not contact you "
            "again by mistake."
        )
        return _done(request, text)
    lead = {"first_name": member.given_name, "address": masked(member.email), "sent_at": invitation.sent_at}
    more = {"expires_at": invitation.expires_at, "inviter": invitation.invited_by}
    return render(request, "joining/opt_in.html", _page(lead | more))


def _page(context: dict[str, Any]) -> dict[str, Any]:
    """With one box per purpose that is asked, and the notice."""
    texts = notices.current(translation.get_language() or "nl")
    boxes = [(purpose, text) for purpose, text in texts.items()]
    return context | {
        "by_mail": [(purpose, text) for purpose, text in boxes if purpose in MAIL_PURPOSES],
        "with_profile": [(purpose, text) for purpose, text in boxes if purpose not in MAIL_PURPOSES],
        "notice_parts": next(iter(texts.values())).text.partition("\n\n")[2].splitlines() if texts else [],
    }


def _choices(request: HttpRequest) -> dict[str, bool]:
    ticked = set(request.POST.getlist("purposes"))
    return {str(purpose): True for purpose in OFFERED_PURPOSES if purpose in ticked}


def _act(request: HttpRequest) -> acts.Act:
    return acts.of_request(request, method=acts.Method.PREFERENCE_PAGE, channel="web", form_version=FORM_VERSION)


def _welcome(request: HttpRequest, member: Member) -> HttpResponse:
    chosen = standing.of_member(member, at=timezone.now())
    context = {
        "member": member,
        "given": [item for item in chosen if item.in_force],
        "not_given": [item for item in chosen if not item.in_force],
    }
    return render(request, "joining/welcome.html", context)


def _done(request: HttpRequest, text: str, *, offers_sign_up: bool = False) -> HttpResponse:
    return render(request, "joining/done.html", {"text": text, "offers_sign_up": offers_sign_up})


def _sent_again(request: HttpRequest) -> HttpResponse:
    return _done(request, _("If the request is still there, a new link is on its way to the same address."))
