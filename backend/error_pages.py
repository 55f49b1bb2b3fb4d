"""What Django answers when no view does: problem documents for programs, pages for people."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from backend.http import problems

FOR_PROGRAMS = ("/api/", "/_allauth/", "/identity/")


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return HttpResponse(render_to_string("error.html", {"title": title, "text": text}, request), status=status)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith(FOR_PROGRAMS)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """handler400: a header, host or size that Django refuses."""
    text = _("We could not read what your program sent.")
    if _is_program(request):
        return problems.plain(400, code="bad_request", detail=text)
    # No template: one may need the host or the session that was just refused.
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """handler403."""
    text = _("You may not do this.")
    if _is_program(request):
        return problems.plain(403, code="permission_denied", detail=text)
    return _page(request, 403, _("Not for you"), text)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """CSRF_FAILURE_VIEW: a form that was open too long, or another site's."""
    text = _("This form has expired. Go back, load the page again and send it once more.")
    return _page(request, 403, _("Not sent"), text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """handler404."""
    if _is_program(request):
        return problems.not_found(request)
    return _page(request, 404, _("Not found"), _("There is nothing here, or it is not for you to see."))


@csrf_exempt
def api_nothing_here(request: HttpRequest) -> HttpResponseBase:
    """The last route under the API's paths. Says so where only the slash at the end is missing."""
    return problems.not_found(request)


def nothing_here(request: HttpRequest) -> HttpResponseBase:
    """A page of Django's that we do not have."""
    return not_found(request)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """handler500: a number to quote, nothing of the inside. Renders without the database, which may be what failed."""
    if _is_program(request):
        return problems.server_error(request)
    text = _("Something went wrong on our side. If it stays, give us number %s.") % problems.request_id()
    return HttpResponse(render_to_string("500.html", {"text": text}), status=500)
