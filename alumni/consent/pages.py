"""A notice as it was published, for ever at the same address: what a consent record points to."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from alumni.consent.models import NoticeText


@require_safe
def notice(request: HttpRequest, purpose: str, version: int, language: str) -> HttpResponse:
    """One published notice text, in its own language whatever the reader's."""
    text = (
        NoticeText.objects.filter(
            notice__purpose=purpose, notice__version=version, notice__published_at__isnull=False, language=language
        )
        .select_related("notice")
        .first()
    )
    if text is None:
        raise Http404
    return render(request, "consent/notice.html", {"text": text, "parts": text.text.split("\n")[3:]})
