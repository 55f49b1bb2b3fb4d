"""The ledger, the notices and the suppressions in the back office: to be read, never to be changed."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from alumni.accounts.office import OfficeAdmin, View, page
from alumni.consent.models import (
    IN_FORCE,
    ConsentEvent,
    LedgerHead,
    Notice,
    Suppression,
    SuppressionReason,
)
from alumni.members.models import Member


@admin.register(ConsentEvent)
class ConsentEventAdmin(OfficeAdmin):
    """Entries in the order in which they were written. The rows have no name: a link leads to who is still a member."""

    read_scope = "consents:read"
    list_display = ("seq", "event_time", "purpose", "ring", "method", "actor", "principal")
    list_filter = ("purpose", "state", "actor")
    search_fields = ("principal_uid",)
    search_help_text = _("id of the member")
    ordering = ("-seq",)
    empty_text = _("The ledger begins when the first person confirms their choices.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/change/", self.detail, "change")]

    @admin.display(description=_("state"), ordering="state")
    def ring(self, event: ConsentEvent) -> SafeString:
        kind = "full" if event.state in IN_FORCE else "open"
        return format_html('<span class="ring {}" aria-hidden="true"></span> {}', kind, event.get_state_display())

    @admin.display(description=_("member"))
    def principal(self, event: ConsentEvent) -> str:
        return f"…{str(event.principal_uid)[-12:]}"

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One entry with the words that were on the screen and the hashes that tie it to the one before."""
        event = self.get_or_404(request, pk)
        return page(
            request,
            self,
            "admin/alumni/consentevent/detail.html",
            title=_("Entry %(seq)s") % {"seq": event.seq},
            crumbs=[self.home()],
            event=event,
            is_in_force=event.state in IN_FORCE,
            text=event.record.notice_text,
            member=Member.objects.filter(uid=event.principal_uid).first(),
            head=LedgerHead.objects.first(),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ConsentEvent]:
        return super().get_queryset(request).select_related("record__notice_text__notice")


@admin.register(Notice)
class NoticeAdmin(OfficeAdmin):
    """The versions of what is asked. Published ones never change."""

    read_scope = "consents:read"
    list_display = ("purpose", "version", "change_kind", "validity_months", "published_at")
    list_filter = ("purpose",)
    ordering = ("purpose", "-version")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/change/", self.detail, "change")]

    def detail(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The words of one version in each language."""
        notice = self.get_or_404(request, pk)
        return page(
            request,
            self,
            "admin/alumni/notice/detail.html",
            title=f"{notice.get_purpose_display()} {notice.version}",
            crumbs=[self.home()],
            notice=notice,
            texts=notice.texts.order_by("language"),
        )


@admin.register(Suppression)
class SuppressionAdmin(OfficeAdmin):
    """How many addresses may not be mailed, by reason; never which. Only the person's own opt-in lifts one."""

    read_scope = "members:read"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        counts = {
            row["reason"]: row
            for row in Suppression.objects.values("reason").annotate(
                standing=Count("pk", filter=Q(lifted_by_seq=None)), lifted=Count("pk", filter=~Q(lifted_by_seq=None))
            )
        }
        none = {"standing": 0, "lifted": 0}
        rows = [{"reason": reason.label, **counts.get(reason.value, none)} for reason in SuppressionReason]
        return page(
            request,
            self,
            "admin/alumni/suppression/counts.html",
            title=str(self.opts.verbose_name_plural).capitalize(),
            rows=rows,
            standing=sum(row["standing"] for row in rows),
            lifted=sum(row["lifted"] for row in rows),
        )
