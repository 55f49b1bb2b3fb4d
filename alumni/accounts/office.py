"""The back office follows the roles: what a person may see and change there is what their scopes say.

Every admin class of ours derives from `OfficeAdmin`; pages that Django's admin has no form for go through `page`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from alumni.accounts.models import User
from alumni.accounts.roles import Role, scopes_of
from backend.http.errors import InvalidInput, KringError

# A step in the path above a page's title: (what it says, where it leads).
Crumb = tuple[str | Promise, str]
View = Callable[..., HttpResponse]


def scopes(request: HttpRequest) -> frozenset[str]:
    """The scopes of who is logged in; asked once a request."""
    known: frozenset[str] | None = getattr(request, "_office_scopes", None)
    if known is None:
        known = scopes_of(request.user) if request.user.is_authenticated else frozenset()
        request._office_scopes = known  # type: ignore[attr-defined]
    return known


def is_administrator(request: HttpRequest) -> bool:
    """Whether they may change the company, the people of HR and their tokens."""
    known: bool | None = getattr(request, "_office_administrator", None)
    if known is None:
        user = request.user
        known = bool(
            user.is_active
            and user.is_staff
            and (user.is_superuser or user.groups.filter(name=Role.ADMINISTRATOR).exists())
        )
        request._office_administrator = known  # type: ignore[attr-defined]
    return known


def person(request: HttpRequest) -> User:
    """Who acts. The back office lets nobody in who is not logged in."""
    assert isinstance(request.user, User)
    return request.user


def require(request: HttpRequest, scope: str) -> None:
    """403 for who lacks the scope."""
    if scope not in scopes(request):
        raise PermissionDenied


class OfficeAdmin(ModelAdmin):
    """Rights by scope, nothing deleted here, and no log of Django's: it would keep names after they are erased.

    `read_scope` lets see, `write_scope` lets change (None: nobody may), `can_add` lets make new ones with it.
    """

    read_scope: str = ""
    write_scope: str | None = None
    can_add = False
    list_per_page = 50
    show_full_result_count = False
    show_facets = "NEVER"
    compressed_fields = True

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.read_scope in scopes(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self.write_scope is not None and self.write_scope in scopes(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Of the columns only those that the list filters by: any other could be guessed letter by letter, an address
        or a code in a mail that the list does not show."""
        column = lookup.partition("__")[0]
        filters = [one[0] if isinstance(one, list | tuple) else one for one in self.list_filter]
        if column not in filters and column in self.opts.fields_map | self.opts._forward_fields_map:
            return False
        return super().lookup_allowed(lookup, value, request)

    def log_addition(self, *_args: Any) -> None:
        return None

    def log_change(self, *_args: Any) -> None:
        return None

    def log_deletions(self, *_args: Any) -> None:
        return None

    def get_urls(self) -> list[URLPattern]:
        """The pages of `pages()`, and of Django's those that they leave: never its history and delete pages."""
        own = [
            path(route, self.admin_site.admin_view(view), name=self.url_name(name))
            for route, view, name in self.pages()
        ]
        dropped = {None, self.url_name("history"), self.url_name("delete"), *(url.name for url in own)}
        return own + [url for url in super().get_urls() if url.name not in dropped]

    def pages(self) -> list[tuple[str, View, str]]:
        """(route under this model, view, name) of each page that is ours."""
        return []

    def url_name(self, name: str) -> str:
        """`alumni_member_invite` for the page `invite` of members."""
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def url(self, name: str, *args: Any) -> str:
        """The address of a page of this model: url("changelist"), url("change", pk)."""
        return reverse(f"admin:{self.url_name(name)}", args=args)

    def get_or_404(self, request: HttpRequest, pk: Any) -> Any:
        """The row, if the person may see it. 403 without the right, 404 without the row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return found(self.get_queryset(request), pk)

    def home(self) -> Crumb:
        """The step back to the list."""
        return (self.opts.verbose_name_plural, self.url("changelist"))


def found(queryset: models.QuerySet[Any], pk: Any) -> Any:
    """The row by its key; 404 for none, also for what is no key at all."""
    try:
        return queryset.get(pk=pk)
    except (queryset.model.DoesNotExist, ValueError, TypeError) as error:
        raise Http404(_("There is nothing here, or it is not for you to see.")) from error


def page(
    request: HttpRequest,
    admin: ModelAdmin,
    template: str,
    *,
    title: str | Promise,
    crumbs: list[Crumb] | None = None,
    status: int = 200,
    **context: Any,
) -> TemplateResponse:
    """A page in the frame of the back office: side bar, path, title. The template extends `office/page.html`."""
    request.current_app = admin.admin_site.name
    return TemplateResponse(
        request,
        template,
        {
            **admin.admin_site.each_context(request),
            "title": title,
            "crumbs": crumbs or [],
            "media": admin.media,
            **context,
        },
        status=status,
    )


def reported(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view method `(self, request, pk)` that acts: what a room refuses is said on the row's own page."""

    @wraps(view)
    def wrapper(self: OfficeAdmin, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(self, request, pk)
        except KringError as error:
            say(request, error)
            return redirect(self.url("change", pk))

    return wrapper


def say(request: HttpRequest, error: KringError) -> None:
    """What went wrong, in the room's own words: one sentence, or one for each field at fault."""
    lines = [message for _field, _code, message in error.errors] if isinstance(error, InvalidInput) else []
    for line in lines or [error.message]:
        messages.error(request, line)


class AdministratorsAdmin(OfficeAdmin):
    """What only administrators see and change: the company, the people of HR, the tokens."""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_administrator(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_administrator(request)
