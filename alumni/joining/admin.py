"""Invitations (read only) and imports: a file becomes a report first, then members."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.accounts.office import OfficeAdmin, View, page, person, reported, require, say
from alumni.joining import imports, tasks
from alumni.joining.models import Import, ImportRow, ImportState, Invitation, RowAction
from alumni.templatetags.office import tag
from backend.http.errors import KringError

SHOWN_ERRORS = 200


@admin.register(Invitation)
class InvitationAdmin(OfficeAdmin):
    """Who was invited, by whom and why. Once a person, ever; so there is nothing to change."""

    read_scope = "members:read"
    list_display = ("who", "sent_at", "by", "reason", "answered")
    list_display_links = None
    list_select_related = ("member", "invited_by")
    list_filter = ("answer",)
    ordering = ("-sent_at",)
    empty_text = gettext_lazy("Invite people from the list of members.")

    @admin.display(description=gettext_lazy("who"))
    def who(self, invitation: Invitation) -> str | SafeString:
        if invitation.member is None:
            return _("erased")
        return format_html('<a href="/office/alumni/member/{}/change/">{}</a>', invitation.member_id, invitation.member)

    @admin.display(description=gettext_lazy("invited by"))
    def by(self, invitation: Invitation) -> str:
        return str(invitation.invited_by or "–")

    @admin.display(description=gettext_lazy("answer"))
    def answered(self, invitation: Invitation) -> SafeString:
        return tag(invitation.get_answer_display(), "on" if invitation.answer == "joined" else "")


@admin.register(Import)
class ImportAdmin(OfficeAdmin):
    """Upload, read the report, apply. Importing never gives consent and sends nothing."""

    read_scope = "members:write"
    write_scope = "members:write"
    can_add = True
    list_display = ("filename", "status", "total", "by", "created_at")
    list_select_related = ("created_by",)
    ordering = ("-id",)
    empty_text = gettext_lazy("Upload an export of your HR system: CSV or XLSX.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [
            ("add/", self.upload, "add"),
            ("<int:pk>/change/", self.report, "change"),
            ("<int:pk>/apply/", self.apply, "apply"),
            ("<int:pk>/forget/", self.forget, "forget"),
        ]

    @admin.display(description=gettext_lazy("state"))
    def status(self, batch: Import) -> SafeString:
        kinds = {ImportState.STAGED: "warn", ImportState.APPLIED: "on", ImportState.FAILED: "bad"}
        return tag(batch.get_state_display(), kinds.get(ImportState(batch.state), ""))

    @admin.display(description=gettext_lazy("read by"))
    def by(self, batch: Import) -> str:
        return str(batch.created_by or "–")

    def upload(self, request: HttpRequest) -> HttpResponse:
        """GET asks for a file, POST reads it and shows what would happen. Nothing changes yet."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            file = request.FILES.get("file")
            if file is None:
                messages.error(request, _("Choose a file first."))
                return redirect(self.url("add"))
            try:
                batch = imports.receive(
                    source=request.POST.get("source", ""),
                    filename=file.name or "",
                    upload=file,
                    by=person(request),
                    options={
                        "mapping": {},
                        "encoding": None,
                        "delimiter": None,
                        "kind": request.POST.get("kind", "auto"),
                    },
                )
            except KringError as error:
                say(request, error)
                return redirect(self.url("add"))
            if batch.state == ImportState.STAGING:
                tasks.work_on.delay_on_commit(batch.pk)
            return redirect(self.url("change", batch.pk))
        return page(request, self, "admin/alumni/import/upload.html", title=_("Import members"), crumbs=[self.home()])

    def report(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the file holds and what applying it does, or did."""
        batch = self.get_or_404(request, pk)
        bad = ImportRow.objects.filter(batch=batch, action=RowAction.ERROR).order_by("line")[:SHOWN_ERRORS]
        counts = {action.value: batch.counts.get(action.value, 0) for action in RowAction}
        good = sum(counts[action] for action in (RowAction.CREATE, RowAction.UPDATE, RowAction.ADD_EMPLOYMENT))
        return page(
            request,
            self,
            "admin/alumni/import/report.html",
            title=batch.filename,
            crumbs=[self.home()],
            batch=batch,
            counts=counts,
            good=good,
            errors=[(row.line, error) for row in bad for error in row.errors],
            shown=SHOWN_ERRORS,
            mapping=[(header, field) for header, field in batch.mapping.items()],
            state_tag=self.status(batch),
        )

    @reported
    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: let the good rows become members. Large files are left to a worker; the page shows how far it is."""
        require(request, "members:write")
        batch = self.get_or_404(request, pk)
        if request.method == "POST":
            if batch.total <= imports.AT_ONCE_ROWS:
                batch = imports.apply(batch=batch)
                messages.success(request, _("The good rows are in. No mail has gone out."))
            else:
                imports.start(batch=batch)
                tasks.work_on.delay_on_commit(batch.pk)
        return redirect(self.url("change", pk))

    @reported
    def forget(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: throw a report away that was not applied."""
        require(request, "members:write")
        batch = self.get_or_404(request, pk)
        if request.method == "POST" and batch.state in {ImportState.STAGED, ImportState.FAILED}:
            imports.forget(batch=batch)
            messages.success(request, _("Thrown away. Nothing was changed."))
            return redirect(self.url("changelist"))
        return redirect(self.url("change", pk))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("mapping", "remarks")
