"""/mailbox/: what the demo's mail server kept. Without MAILBOX these pages do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from notifications.mail import mailbox
from notifications.mail.letters import Letter, open_letter

PAGE = 50
# The HTML part is somebody's: it may show its own styles and the pictures that came with it, and do nothing.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


def _only_when_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAILBOX:
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(require_safe(wrapper))


@_only_when_on
def mailbox_list(request: HttpRequest) -> HttpResponse:
    """The newest messages; `?to=` for one recipient, `?before=` for older ones, `?format=json` for scripts."""
    to, before = request.GET.get("to", "").strip(), request.GET.get("before", "")
    found = mailbox.names(to=to, before=before, limit=PAGE + 1)
    letters = [open_letter(name, raw) for name in found[:PAGE] if (raw := mailbox.read(name)) is not None]
    older = found[PAGE - 1] if len(found) > PAGE else None
    if request.GET.get("format") == "json":
        return JsonResponse({"results": [_summary(letter) for letter in letters], "before": older})
    return render(request, "mail/mailbox.html", {"letters": letters, "to": to, "older": older, "is_first": not before})


@_only_when_on
def mailbox_letter(request: HttpRequest, name: str) -> HttpResponse:
    """One message: headers, text, and its HTML part in a frame that may do nothing."""
    letter = _letter(name)
    if request.GET.get("format") == "json":
        return JsonResponse(_summary(letter) | {"headers": letter.headers, "html": letter.html})
    return render(request, "mail/letter.html", {"letter": letter})


@_only_when_on
@xframe_options_sameorigin
def mailbox_html(_request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone. Its links open in a new tab."""
    letter = _letter(name)
    response = HttpResponse(f'<base target="_blank">{letter.html}' if letter.html else "")
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@_only_when_on
def mailbox_raw(_request: HttpRequest, name: str) -> HttpResponse:
    """The message as it came, with the envelope on top."""
    response = HttpResponse(_raw(name), content_type="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.eml"'
    return response


def _raw(name: str) -> bytes:
    raw = mailbox.read(name)
    if raw is None:
        raise Http404
    return raw


def _letter(name: str) -> Letter:
    return open_letter(name, _raw(name))


def _summary(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "at": letter.at,
        "from": letter.sender,
        "to": letter.to,
        "subject": letter.subject,
        "text": letter.text,
        "links": letter.links,
        "attachments": letter.attachments,
    }
