"""The back office as a whole: its side bar, its colours, and which of other people's pages do not belong in it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from alumni.accounts.office import is_administrator, scopes

# What unfold says on our pages; it brings no Dutch along.
UNFOLD_SAYS = (
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select record"),
    gettext_noop("Select all rows"),
    gettext_noop("Run"),
)
OURS = ("alumni", "notifications")
# Warm neutrals and one accent. The jump from primary 500 to 600 is on purpose: links are 500 in the dark, 600 in light.
_COLORS: dict[str, dict[str, str]] = {
    "base": {
        "50": "#f7f6f3",
        "100": "#efede8",
        "200": "#dcd8d0",
        "300": "#c5bfb5",
        "400": "#a19a8f",
        "500": "#6f685f",
        "600": "#5a544c",
        "700": "#403c36",
        "800": "#2a2824",
        "900": "#201e1b",
        "950": "#161513",
    },
    "primary": {
        "50": "#f1f8f7",
        "100": "#e4f0ee",
        "200": "#c9e2df",
        "300": "#a9ded8",
        "400": "#95d4cd",
        "500": "#82cbc3",
        "600": "#0f5c5a",
        "700": "#0c504e",
        "800": "#0a4341",
        "900": "#0a3533",
        "950": "#0b2423",
    },
}


# (what it says, icon, page, scope; None: administrators only). A page is an admin list, with a query for a part of it.
Entry = tuple[Any, str, str, str | None]
_SECTIONS: list[tuple[Any, list[Entry]]] = [
    (
        _("Network"),
        [
            (_("Members"), "group", "alumni_member", "members:read"),
            (_("Invitations"), "person_add", "alumni_invitation", "members:read"),
            (_("Imports"), "download", "alumni_import", "members:write"),
        ],
    ),
    (
        _("Posts"),
        [
            (_("Posts"), "article", "notifications_post", "posts:read"),
            (_("Waiting for approval"), "check", "notifications_post?state__exact=in_review", "posts:read"),
            (_("Drafts"), "edit", "notifications_draft", "drafts:read"),
            (_("Runs"), "mail", "notifications_run", "digests:read"),
            (_("Digests"), "drafts", "notifications_digest", "digests:read"),
            (_("Service mails"), "forward_to_inbox", "notifications_servicemail", "digests:read"),
        ],
    ),
    (
        _("Consent"),
        [
            (_("Consents"), "shield", "alumni_consentevent", "consents:read"),
            (_("Notices"), "description", "alumni_notice", "consents:read"),
            (_("Suppressions"), "block", "alumni_suppression", "members:read"),
        ],
    ),
    (
        _("Set-up"),
        [
            (_("Company"), "domain", "alumni_organisation", None),
            (_("Users"), "badge", "alumni_user", None),
            (_("Tokens"), "key", "alumni_apitoken", None),
        ],
    ),
]
_BADGES = {
    "notifications_post?state__exact=in_review": "backend.office.waiting",
    "notifications_draft": "backend.office.drafts",
}
# Entries that show a part of a list: then they are lit in the side bar, not the list.
_QUERIES = {page.partition("?")[2] for _title, entries in _SECTIONS for *_names, page, _scope in entries if "?" in page}


def neutrals(_request: HttpRequest) -> dict[str, str]:
    """Unfold's base colours."""
    return dict(_COLORS["base"])


def accents(_request: HttpRequest) -> dict[str, str]:
    """Unfold's primary colours."""
    return dict(_COLORS["primary"])


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar: what exists, in the order of the work. What the person may not see is left out."""
    sections = [
        {"title": title, "items": [_item(request, entry) for entry in entries if _may(request, entry[3])]}
        for title, entries in _SECTIONS
    ]
    index = reverse("admin:index")
    start = {"title": _("Overview"), "icon": "dashboard", "link": index, "active": request.path == index}
    sections[0]["items"].insert(0, start)
    return [section for section in sections if section["items"]]


def _may(request: HttpRequest, scope: str | None) -> bool:
    return is_administrator(request) if scope is None else scope in scopes(request)


def _item(request: HttpRequest, entry: Entry) -> dict[str, Any]:
    title, icon, page, _scope = entry
    model, _mark, query = page.partition("?")
    path = reverse(f"admin:{model}_changelist")
    asked = request.GET.urlencode()
    is_here = asked == query if query else asked not in _QUERIES
    item = {
        "title": title,
        "icon": icon,
        "link": f"{path}?{query}" if query else path,
        "active": request.path.startswith(path) and is_here,
    }
    return item | ({"badge": _BADGES[page]} if page in _BADGES else {})


def waiting(_request: HttpRequest) -> str:
    """How many posts wait for a second person."""
    from notifications.posts.models import Post, PostState

    return str(Post.objects.filter(state=PostState.IN_REVIEW).count())


def drafts(_request: HttpRequest) -> str:
    """How many channel drafts wait to be posted."""
    from notifications.social.models import Draft, DraftState

    return str(Draft.objects.filter(state=DraftState.READY).count())


def keep_ours() -> None:
    """Take out what Django and allauth registered: users, roles, clients and tokens have our own pages, or none."""
    for model in list(admin.site._registry):
        if model._meta.app_label not in OURS:
            admin.site.unregister(model)
