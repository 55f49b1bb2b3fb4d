"""Members in the back office: the list and one person's page. Rooms above add what they know and do: see `MemberAdmin`
in `joining`, `privacy` and the app of the messages; the highest one registers it."""

import datetime as dt
from typing import Any, TypedDict

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from alumni.accounts.office import OfficeAdmin, View, page
from alumni.members.models import FreelanceProfile, Member, Skill


class Event(TypedDict):
    """Something that happened to a member. `mark`: full or open (ring), sq (digest), dot (anything else)."""

    at: dt.datetime
    mark: str
    title: str | Promise
    text: str | Promise
    link: str


class KindFilter(admin.SimpleListFilter):
    """Former colleagues, freelancers, or who is both."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("alumnus", _("former colleague")), ("freelancer", _("freelancer"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        column = {"alumnus": "is_alumnus", "freelancer": "is_freelancer"}.get(self.value() or "")
        return queryset.filter(**{column: True}) if column else queryset


class MemberAdmin(OfficeAdmin):
    """What this room knows: name, place, employments, skills, freelance profile. Members change these themselves."""

    read_scope = "members:read"
    list_display: tuple[Any, ...] = ("name", "email", "kinds", "city")
    list_filter: tuple[Any, ...] = (KindFilter,)
    search_fields = (
        "sort_name",
        "email_key",
        "given_name",
        "family_name",
        "employments__role",
        "employments__department",
    )
    search_help_text = _("name, e-mail address, role or department")
    ordering = ("sort_name", "id")
    empty_text = _("Nobody has joined yet. Start with this month's leavers: import them.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/change/", self.detail, "change")]

    @admin.display(description=_("name"), ordering="sort_name")
    def name(self, member: Member) -> str:
        return member.full_name

    @admin.display(description=_("kind"))
    def kinds(self, member: Member) -> str:
        known = ((member.is_alumnus, _("former colleague")), (member.is_freelancer, _("freelancer")))
        return ", ".join(str(word) for holds, word in known if holds)

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One person's page."""
        member = self.get_or_404(request, pk)
        return page(
            request,
            self,
            "admin/alumni/member/detail.html",
            title=member.full_name,
            crumbs=[self.home()],
            **self.details(request, member),
        )

    def details(self, request: HttpRequest, member: Member) -> dict[str, Any]:
        """What the page shows; a room above adds to it."""
        return {
            "member": member,
            "kinds": self.kinds(member),
            "employments": list(member.employments.all()),
            "skills": list(Skill.objects.filter(member_skills__member=member).order_by("name")),
            "freelance": FreelanceProfile.objects.filter(member=member).first(),
            "shows_rate": False,
            "may": self.may(request, member),
            "timeline": sorted(self.timeline(request, member), key=lambda event: event["at"], reverse=True),
        }

    def may(self, request: HttpRequest, member: Member) -> dict[str, str]:
        """{what can be done from this page: where}."""
        return {}

    def timeline(self, request: HttpRequest, member: Member) -> list[Event]:
        """What happened to this member, in any order."""
        events = [_event(member.created_at, _("Entered"), member.source)]
        if member.joined_at:
            events.append(_event(member.joined_at, _("Joined")))
        return events


def _event(at: dt.datetime, title: str | Promise, text: str = "", mark: str = "dot") -> Event:
    return {"at": timezone.localtime(at), "mark": mark, "title": title, "text": text, "link": ""}
