"""Members in the back office, with what this room and the ledger know: state, consents, invitations, inviting."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from alumni.accounts.office import View, page, person, reported, require, scopes
from alumni.consent import lanes, standing
from alumni.consent.models import IN_FORCE, OFFERED_PURPOSES, ConsentEvent, Purpose
from alumni.joining import invitations
from alumni.joining.models import Invitation
from alumni.joining.states import MemberState, with_state
from alumni.members import admin as members_admin
from alumni.members.admin import Event
from alumni.members.models import Member
from alumni.templatetags.office import tag
from backend.http.errors import KringError

AT_MOST = 50
_TAGS = {MemberState.JOINED: "on", MemberState.INVITED: "warn", MemberState.EXPIRED: "warn"}


class StateFilter(admin.SimpleListFilter):
    """Where somebody stands in the network."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(MemberState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        if self.value() not in MemberState.values:
            return queryset
        return queryset.filter(network_state=self.value())  # type: ignore[misc]  # annotated by with_state


class InvitableFilter(admin.SimpleListFilter):
    """Whom HR may still invite: nobody who joined, was invited, or said no."""

    title = gettext_lazy("inviting")
    parameter_name = "invitable"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("invitable"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        return invitations.invitable(queryset) if self.value() == "yes" else queryset


class ConsentFilter(admin.SimpleListFilter):
    """Who gave consent for a purpose, still in force."""

    title = gettext_lazy("consent for")
    parameter_name = "consent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(purpose.value, purpose.label) for purpose in OFFERED_PURPOSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Member]) -> QuerySet[Member]:
        if self.value() not in Purpose.values:
            return queryset
        states = [str(state) for state in IN_FORCE]
        return queryset.filter(consent_states__purpose=self.value(), consent_states__state__in=states)


class MemberAdmin(members_admin.MemberAdmin):
    """Adds state and consents to the list and the page, and lets HR invite: one person, or the ticked ones."""

    list_display = ("name", "state", "kinds", "consents", "city")
    list_filter = (StateFilter, InvitableFilter, ConsentFilter, members_admin.KindFilter)
    actions = ("invite_ticked",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        members = super().get_queryset(request).prefetch_related("consent_states")
        return with_state(members, at=timezone.now())

    def pages(self) -> list[tuple[str, View, str]]:
        return [
            ("invite/", self.invite_selection, "invite_selection"),
            ("<int:pk>/invite/", self.invite, "invite"),
            *super().pages(),
        ]

    @admin.display(description=gettext_lazy("state"))
    def state(self, member: Any) -> SafeString:
        state = MemberState(member.network_state)
        return tag(state.label, _TAGS.get(state, ""))

    @admin.display(description=gettext_lazy("consents"))
    def consents(self, member: Member) -> SafeString:
        now = timezone.now()
        given = {
            row.purpose
            for row in member.consent_states.all()
            if row.state in IN_FORCE and (row.valid_until is None or row.valid_until > now)
        }
        if not member.joined_at:
            return SafeString("")
        rings = [("full" if purpose in given else "open", purpose.label) for purpose in OFFERED_PURPOSES]
        said = [(kind, _("on") if kind == "full" else _("off"), label) for kind, label in rings]
        return format_html(
            '<ul class="rings">{}</ul>',
            format_html_join(
                "",
                '<li><span class="ring {}" aria-hidden="true"></span>{}<span class="sr"> {}</span></li>',
                [(kind, label, word) for kind, word, label in said],
            ),
        )

    def details(self, request: HttpRequest, member: Member) -> dict[str, Any]:
        now = timezone.now()
        standings = standing.of_member(member, at=now)
        gigs = any(one.in_force and one.notice_text.notice.purpose == Purpose.GIGS for one in standings)
        drawn = lanes.lanes(self._ledger(request, member), until=now)
        state = MemberState(member.network_state)  # type: ignore[attr-defined]  # annotated by with_state
        extra = {"standings": standings, "lanes": drawn, "state": tag(state.label, _TAGS.get(state, ""))}
        # A rate is HR's to see only while the member consents to gigs.
        return super().details(request, member) | extra | {"shows_rate": gigs}

    def may(self, request: HttpRequest, member: Member) -> dict[str, str]:
        can = super().may(request, member)
        if "members:write" in scopes(request) and invitations.invitable(Member.objects.filter(pk=member.pk)).exists():
            can["invite"] = self.url("invite", member.pk)
        return can

    def timeline(self, request: HttpRequest, member: Member) -> list[Event]:
        events = super().timeline(request, member)
        for one in Invitation.objects.filter(member=member).select_related("invited_by"):
            by = _("by %(name)s: %(reason)s") % {"name": one.invited_by or _("somebody"), "reason": one.reason}
            events.append({"at": one.sent_at, "mark": "dot", "title": _("Invited"), "text": by, "link": ""})
        return events + [_of_ledger(event) for event in self._ledger(request, member)]

    def _ledger(self, request: HttpRequest, member: Member) -> list[ConsentEvent]:
        """The member's entries, for who may read the ledger; asked once a request."""
        if "consents:read" not in scopes(request):
            return []
        known: list[ConsentEvent] | None = getattr(member, "_office_ledger", None)
        if known is None:
            known = list(
                ConsentEvent.objects.filter(principal_uid=member.uid)
                .select_related("record__notice_text__notice")
                .order_by("seq")
            )
            member._office_ledger = known  # type: ignore[attr-defined]
        return known

    @admin.action(description=gettext_lazy("Invite the ticked people"), permissions=["invite"])
    def invite_ticked(self, request: HttpRequest, queryset: QuerySet[Member]) -> HttpResponse | None:
        """Leads to the page that asks why; that page's POST invites."""
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: AT_MOST + 1])
        if len(keys) > AT_MOST:
            messages.error(request, _("Tick at most %d people at once.") % AT_MOST)
            return None
        return redirect(f"{self.url('invite_selection')}?ids={','.join(map(str, keys))}")

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return "members:write" in scopes(request)

    @reported
    def invite(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One person: GET asks for the reason, POST invites."""
        require(request, "members:write")
        member = self.get_or_404(request, pk)
        if request.method == "POST":
            invitations.invite(member=member, by=person(request), reason=request.POST.get("reason", ""))
            messages.success(
                request, _("%(name)s is invited. It is the only mail they get about this.") % {"name": member}
            )
            return redirect(self.url("change", pk))
        crumbs = [self.home(), (member.full_name, self.url("change", pk))]
        return page(
            request, self, "admin/alumni/member/invite.html", title=_("Invite"), crumbs=crumbs, invitees=[member]
        )

    def invite_selection(self, request: HttpRequest) -> HttpResponse:
        """The ticked people, at most 50: GET asks for the reason, POST invites whom it may."""
        require(request, "members:write")
        asked = request.GET.get("ids", "").split(",")
        keys = [int(key) for key in asked if key.isdecimal() and len(key) < 18][:AT_MOST]
        chosen = list(self.get_queryset(request).filter(pk__in=keys))
        if not chosen:
            raise PermissionDenied
        if request.method == "POST":
            try:
                made = invitations.invite_selection(
                    members=chosen, by=person(request), reason=request.POST.get("reason", "")
                )
            except KringError as error:
                messages.error(request, error.message)
                return redirect(request.get_full_path())
            self._tell(request, made)
            return redirect(self.url("changelist"))
        return page(
            request,
            self,
            "admin/alumni/member/invite.html",
            title=_("Invite"),
            crumbs=[self.home()],
            invitees=chosen,
        )

    def _tell(self, request: HttpRequest, made: Any) -> None:
        n = len(made.invited)
        if n:
            messages.success(request, ngettext("%d person is invited.", "%d people are invited.", n) % n)
        for member, why in made.refused:
            messages.warning(request, f"{member}: {why}")


def _of_ledger(event: ConsentEvent) -> Event:
    version = event.record.notice_text.notice.version
    title = _("Consent for %(purpose)s: %(state)s") % {
        "purpose": event.get_purpose_display(),
        "state": event.get_state_display(),
    }
    return {
        "at": event.event_time,
        "mark": "full" if event.state in IN_FORCE else "open",
        "title": title,
        "text": _("Notice version %(version)s. Entry %(seq)s.") % {"version": version, "seq": event.seq},
        "link": f"/office/alumni/consentevent/{event.seq}/change/",
    }
