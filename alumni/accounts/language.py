"""Which language a page speaks: what the visitor chose here and now, else what the person chose, else the browser's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

PARAMETER = "language"
KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


def chosen(request: HttpRequest) -> str | None:
    """What the visitor chose: `?language=en` for this one request, or the switch in the header (a cookie)."""
    for value in (request.GET.get(PARAMETER), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)):
        if value in KNOWN:
            return value
    return None


def speak(request: HttpRequest, language: str) -> str:
    """From here on this request speaks `language`, unless the visitor chose another. For pages behind a token.

    Returns the language spoken.
    """
    language = chosen(request) or (language if language in KNOWN else settings.LANGUAGE_CODE)
    translation.activate(language)
    request.LANGUAGE_CODE = language
    return language


class LanguageMiddleware:
    """After Django's LocaleMiddleware (cookie, else the browser's wish) and the login: a member's own language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen(request) or self._of_member(request)
        if language:
            speak(request, language)
        return self.get_response(request)

    def _of_member(self, request: HttpRequest) -> str | None:
        # Only who has a session is looked up, and never for the API: it answers in the language of the request.
        if not request.session.get("_auth_user_id") or request.path.startswith(("/api/", "/_allauth/", "/static/")):
            return None
        member = getattr(request.user, "member", None)
        return member.language if member else None
