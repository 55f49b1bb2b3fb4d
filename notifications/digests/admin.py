"""Runs and digests in the back office, and what a member got on the member's own page."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.accounts.office import OfficeAdmin, View, page, person, require, say, scopes
from alumni.members.models import Member
from alumni.privacy import admin as privacy_admin
from alumni.templatetags.office import tag
from backend.http.errors import KringError
from notifications.digests import history, run_report, runs, tasks
from notifications.digests.models import Digest, DigestState, Run, RunState

_DIGEST_TAGS = {
    DigestState.HANDED_OVER: "on",
    DigestState.FAILED: "bad",
    DigestState.BOUNCED: "bad",
    DigestState.UNCONFIRMED: "warn",
    DigestState.SET_ASIDE: "warn",
}


@admin.register(Run)
class RunAdmin(OfficeAdmin):
    """The runs, with numbers that add up; whoever may deliver starts one by hand."""

    read_scope = "digests:read"
    list_display = ("started_at", "status", "by", "members_seen", "digests", "empty")
    list_select_related = ("started_by",)
    list_filter = ("state",)
    ordering = ("-id",)
    change_list_template = "admin/notifications/run/list.html"
    empty_text = gettext_lazy("Runs begin by themselves when a member is due.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("start/", self.start, "start"), ("<int:pk>/change/", self.detail, "change")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return super().get_queryset(request).annotate(n_digests=Count("digests"))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = {"may_start": "digests:deliver" in scopes(request)}
        return super().changelist_view(request, (extra_context or {}) | may)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, run: Run) -> SafeString:
        return tag(run.get_state_display(), "on" if run.state == RunState.DONE else "")

    @admin.display(description=gettext_lazy("started by"))
    def by(self, run: Run) -> str:
        return str(run.started_by or _("the clock"))

    @admin.display(description=gettext_lazy("digests"))
    def digests(self, run: Any) -> int:
        return run.counts.get("digests", 0) if run.is_dry_run else run.n_digests

    def start(self, request: HttpRequest) -> HttpResponse:
        """POST: a run now. A dry run counts, and writes and sends nothing."""
        require(request, "digests:deliver")
        if request.method != "POST":
            return redirect(self.url("changelist"))
        try:
            run = runs.start(
                by=person(request),
                everybody=request.POST.get("whom") == "everybody",
                dry_run=request.POST.get("do") == "dry_run",
            )
        except KringError as error:
            say(request, error)
            return redirect(self.url("changelist"))
        tasks.plan.delay_on_commit(run.pk)
        messages.success(request, _("Started. This page shows how far it is; load it again to see more."))
        return redirect(self.url("change", run.pk))

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One run: how many digests stand where, and per post what became of its audience."""
        run = self.get_or_404(request, pk)
        language = translation.get_language() or "nl"
        return page(
            request,
            self,
            "admin/notifications/run/detail.html",
            title=_("Run of %(when)s") % {"when": _when(run)},
            crumbs=[self.home()],
            run=run,
            state_tag=self.status(run),
            digests_url=f"/office/notifications/digest/?run__id__exact={run.pk}",
            **run_report.of(run, language=language),
        )


def _when(run: Run) -> str:
    return date_format(timezone.localtime(run.started_at), "j F Y, H.i")


@admin.register(Digest)
class DigestAdmin(OfficeAdmin):
    """Each member's own digest: where it stands, what is in it and why."""

    read_scope = "digests:read"
    list_display = ("who", "subject", "status", "due_at", "handed_over_at", "items_in")
    list_filter = ("state", "language")
    search_fields = ("member__sort_name", "member__email_key", "subject")
    search_help_text = gettext_lazy("name, e-mail address or subject")
    ordering = ("-id",)
    empty_text = gettext_lazy("Digests appear here when a run has planned them.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/change/", self.detail, "change")]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Digest]:
        return super().get_queryset(request).select_related("member", "run").annotate(n_items=Count("items"))

    @admin.display(description=gettext_lazy("member"), ordering="member__sort_name")
    def who(self, digest: Digest) -> str:
        return digest.member.full_name

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, digest: Digest) -> SafeString:
        return tag(digest.get_state_display(), _DIGEST_TAGS.get(DigestState(digest.state), ""))

    @admin.display(description=gettext_lazy("posts"))
    def items_in(self, digest: Any) -> int:
        return digest.n_items

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One digest with its items, the reason of each, and the mail as it is made from them."""
        digest = self.get_or_404(request, pk)
        language = translation.get_language() or digest.language
        return page(
            request,
            self,
            "admin/notifications/digest/detail.html",
            title=digest.subject or _("Digest of %(name)s") % {"name": digest.member},
            crumbs=[self.home()],
            digest=digest,
            state_tag=self.status(digest),
            lines=run_report.items_of(digest, language=language),
            preview=run_report.preview(digest),
            may_see_member="members:read" in scopes(request),
        )


class MemberAdmin(privacy_admin.MemberAdmin):
    """Adds what a member got, and why, for who may read digests."""

    def details(self, request: HttpRequest, member: Member) -> dict[str, Any]:
        digests = None
        if "digests:read" in scopes(request):
            digests = history.of_member(member, language=translation.get_language() or "nl", limit=12)
            for one in digests:
                one["link"] = f"/office/notifications/digest/{one['digest'].pk}/change/"
        return super().details(request, member) | {"digests": digests}


admin.site.unregister(Member)
admin.site.register(Member, MemberAdmin)
