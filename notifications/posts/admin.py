"""Posts in the back office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from alumni.accounts.office import View
from alumni.templatetags.office import short_day, tag
from notifications.posts.admin_pages import PostPages
from notifications.posts.models import Post, PostState

_TAGS = {PostState.IN_REVIEW: "warn", PostState.APPROVED: "on", PostState.PUBLISHED: "on"}


@admin.register(Post)
class PostAdmin(PostPages):
    """The list, and the way to the editor."""

    read_scope = "posts:read"
    write_scope = "posts:write"
    can_add = True
    list_display = ("title", "kind", "status", "for_whom", "by", "closes", "published")
    list_display_links = ("title",)
    list_filter = ("state", "kind", "visibility")
    list_select_related = ("author", "audience")
    search_fields = ("versions__texts__title",)
    search_help_text = _("title")
    ordering = ("-id",)
    empty_text = _("Write the first gig, vacancy or update: the buttons are above.")
    change_list_template = "admin/notifications/post/list.html"

    def pages(self) -> list[tuple[str, View, str]]:
        return [
            ("add/<str:kind>/", self.add_typed, "add_typed"),
            ("<int:pk>/change/", self.edit, "change"),
            ("<int:pk>/decide/", self.decide, "decide"),
            ("<int:pk>/publish/", self.publish, "publish"),
            ("<int:pk>/close/", self.close, "close"),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return super().get_queryset(request).prefetch_related("versions__texts")

    @admin.display(description=_("title"))
    def title(self, post: Post) -> str:
        newest = max(post.versions.all(), key=lambda version: version.number, default=None)
        return newest.text_in(translation.get_language() or "nl").title if newest else post.slug

    @admin.display(description=_("state"), ordering="state")
    def status(self, post: Post) -> SafeString:
        shown = tag(post.get_state_display(), _TAGS.get(PostState(post.state), ""))
        if post.hold_reason:
            return SafeString(f"{shown} {tag(post.get_hold_reason_display(), 'warn')}")
        return shown

    @admin.display(description=_("audience"), ordering="audience__name")
    def for_whom(self, post: Post) -> str:
        return str(post.audience)

    @admin.display(description=_("author"), ordering="author__name")
    def by(self, post: Post) -> str:
        return str(post.author or "–")

    @admin.display(description=_("closes on"), ordering="closes_on")
    def closes(self, post: Post) -> str:
        return short_day(post.closes_on)

    @admin.display(description=_("published"), ordering="published_at")
    def published(self, post: Post) -> str:
        return short_day(post.published_at)
