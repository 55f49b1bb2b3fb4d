"""Channel drafts in the back office: three steps, because LinkedIn lets no program post in a group."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alumni.accounts.office import OfficeAdmin, View, page, person, reported, require, say, scopes
from alumni.templatetags.office import tag
from backend.http.errors import KringError
from notifications.social import channels, drafts
from notifications.social.models import Draft, DraftState

_TAGS = {DraftState.READY: "on", DraftState.STALE: "warn", DraftState.POSTED: "on"}


@admin.register(Draft)
class DraftAdmin(OfficeAdmin):
    """The drafts that wait to be posted by hand, and those that were."""

    read_scope = "drafts:read"
    write_scope = "drafts:write"
    list_display = ("title", "channel", "language", "status", "length", "created_at", "posted_at")
    list_filter = ("state", "channel")
    ordering = ("-id",)
    empty_text = gettext_lazy("Publishing a post makes a draft of it.")

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/change/", self.edit, "change"), ("<int:pk>/posted/", self.posted, "posted")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        drafts = super().get_queryset(request).select_related("post", "post_version")
        return drafts.prefetch_related("post_version__texts")

    @admin.display(description=gettext_lazy("post"))
    def title(self, draft: Draft) -> str:
        return draft.post_version.text_in(draft.language).title

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, draft: Draft) -> SafeString:
        return tag(draft.get_state_display(), _TAGS.get(DraftState(draft.state), ""))

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The text with its counter and fold; POST keeps a changed text."""
        draft = self.get_or_404(request, pk)
        text = draft.text
        if request.method == "POST":
            require(request, "drafts:write")
            text = request.POST.get("text", "")
            try:
                drafts.edit(draft=draft, text=text, by=person(request), expected_version=_version(request))
            except KringError as error:
                say(request, error)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.url("change", pk))
        limits = channels.limits(draft.channel)
        fold = _fold(text, limits)
        return page(
            request,
            self,
            "admin/notifications/draft/edit.html",
            title=self.title(draft),
            crumbs=[self.home()],
            draft=draft,
            text=text,
            state_tag=self.status(draft),
            limits=limits,
            above=text[:fold],
            below=text[fold:],
            note=drafts.closing_note(draft),
            may_write="drafts:write" in scopes(request) and draft.state in {DraftState.READY, DraftState.STALE},
        )

    @reported
    def posted(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: somebody pasted it; its address may be given."""
        require(request, "drafts:write")
        draft = self.get_or_404(request, pk)
        if request.method == "POST":
            drafts.mark_posted(draft=draft, url=request.POST.get("url", ""), by=person(request))
            messages.success(request, _("Noted that it is posted."))
        return redirect(self.url("change", pk))


def _version(request: HttpRequest) -> int | None:
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() else None


def _fold(text: str, limits: channels.Limits) -> int:
    """Where readers see "…more": after so many characters, or at the end of so many lines."""
    lines = text.split("\n")
    shown = len("\n".join(lines[: limits.fold_lines]))
    return min(limits.fold, shown)
