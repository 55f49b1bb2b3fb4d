"""The editor of a post, and the buttons that move it from draft to closed. Each view is one call into the room."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from alumni.accounts.office import OfficeAdmin, page, person, reported, require, scopes
from backend.http.errors import InvalidInput, KringError
from notifications.audiences import words
from notifications.audiences.reach import Reach, reach
from notifications.posts import content as contents
from notifications.posts import markdown, review, wording, writing
from notifications.posts.content import Content
from notifications.posts.forms import PostForm
from notifications.posts.models import Kind, Post, PostState, PostVersion, Review
from notifications.posts.public import public_url


class PostPages(OfficeAdmin):
    """The pages of the posts' admin."""

    def add_typed(self, request: HttpRequest, kind: str) -> HttpResponse:
        """A new gig, vacancy or update: GET shows the form, POST keeps a draft."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind not in Kind.values:
            raise Http404
        form = PostForm(kind, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                post = writing.create(kind=kind, author=person(request), **form.to_writing())
            except InvalidInput as error:
                form.show(error)
            else:
                messages.success(request, _("Saved."))
                return redirect(self.url("change", post.pk))
        title = {"gig": _("New gig"), "vacancy": _("New vacancy"), "update": _("New update")}[kind]
        return self._editor(request, form=form, title=title, kind=kind)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The editor, with reach, review and preview. POST saves; `do=submit` also asks for approval."""
        post = self.get_or_404(request, pk)
        version = writing.newest_version(post)
        content = contents.of_version(version)
        form = PostForm.of(post, content, request.POST or None)
        if request.method == "POST":
            require(request, "posts:write")
            if form.is_valid() and self._save(request, post, form):
                return redirect(self.url("change", post.pk))
        return self._editor(
            request,
            form=form,
            title=version.text_in(translation.get_language() or "nl").title,
            kind=post.kind,
            post=post,
            **self._about(request, post, version, content),
        )

    def _save(self, request: HttpRequest, post: Post, form: PostForm) -> bool:
        values = form.to_writing()
        # A language that had words and now has none goes.
        emptied = {code: None for code in form_languages(post) if code not in values["texts"]}
        values["texts"] = {**values["texts"], **emptied}
        if post.state == PostState.PUBLISHED:
            # Fixed from publishing on; the room would refuse a change.
            values.pop("audience"), values.pop("visibility")
        try:
            writing.update(post=post, by=person(request), expected_version=form.cleaned_data["version"], **values)
            if request.POST.get("do") == "submit":
                review.submit(post=post, by=person(request))
                messages.success(request, _("Saved, and a second person is asked for approval."))
            else:
                messages.success(request, _("Saved."))
        except InvalidInput as error:
            form.show(error)
            return False
        except KringError as error:
            form.add_error(None, error.message)
            return False
        return True

    def _editor(self, request: HttpRequest, *, form: PostForm, title: str, kind: str, **more: Any) -> HttpResponse:
        post: Post | None = more.get("post")
        may_write = "posts:write" in scopes(request) and (post is None or post.state != PostState.CLOSED)
        return page(
            request,
            self,
            "admin/notifications/post/editor.html",
            title=title,
            crumbs=[self.home()],
            form=form,
            groups=form.groups(),
            kind=kind,
            kind_label=Kind(kind).label,
            may_write=may_write,
            **more,
        )

    def _about(self, request: HttpRequest, post: Post, version: PostVersion, content: Content) -> dict[str, Any]:
        """What stands beside the form."""
        today = timezone.localdate()
        reviews = Review.objects.filter(post_version__post=post).select_related(
            "submitted_by", "decided_by", "post_version"
        )
        open_review = next((one for one in reviews if one.decision == "" and one.post_version_id == version.pk), None)
        may_publish = "posts:publish" in scopes(request)
        text = version.text_in(translation.get_language() or "nl")
        terms = version.terms_or_none
        return {
            "version": version,
            "text": text,
            "body": markdown.to_html(text.body),
            "pay": wording.pay(terms, post.kind) if terms else None,
            "missing": contents.missing(kind=post.kind, content=content, closes_on=post.closes_on, today=today),
            "reach": _in_words(reach(post=post, at=timezone.now()), post),
            "reviews": reviews.order_by("-submitted_at"),
            "open_review": open_review,
            "may_review": bool(open_review and may_publish and open_review.submitted_by_id != request.user.pk),
            "is_own": bool(open_review and open_review.submitted_by_id == request.user.pk),
            "may_publish": may_publish and post.state == PostState.APPROVED,
            "may_close": may_publish and post.state not in {PostState.CLOSED},
            "may_submit": version.approved_at is None and open_review is None,
            "questions": [(key, str(question)) for key, question in review.QUESTIONS.items()],
            "answers": (("yes", _("yes")), ("no", _("no")), ("doubt", _("doubt"))),
            "page_url": public_url(post) if post.state == PostState.PUBLISHED else "",
            "drafts": list(post.drafts.all()),
        }

    @reported
    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: the second person approves, or sends back with a remark."""
        require(request, "posts:publish")
        post = self.get_or_404(request, pk)
        if request.method == "POST":
            answers = {key: request.POST[f"q_{key}"] for key in review.QUESTIONS if f"q_{key}" in request.POST}
            remark = request.POST.get("remark", "")
            if request.POST.get("do") == "approve":
                review.approve(post=post, by=person(request), answers=answers, remark=remark)
                messages.success(request, _("Approved. It can be published now."))
            else:
                review.send_back(post=post, by=person(request), remark=remark, answers=answers)
                messages.success(request, _("Sent back to %(name)s.") % {"name": post.author or _("its author")})
        return redirect(self.url("change", pk))

    @reported
    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: let digests have it."""
        require(request, "posts:publish")
        post = self.get_or_404(request, pk)
        if request.method == "POST":
            review.publish(post=post, by=person(request))
            messages.success(request, _("Published. It goes out with each member's next digest."))
        return redirect(self.url("change", pk))

    @reported
    def close(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks, POST closes: it leaves planned digests at once, and never opens again."""
        require(request, "posts:publish")
        post = self.get_or_404(request, pk)
        if request.method == "POST":
            review.close(post=post, by=person(request))
            messages.success(request, _("Closed. It is taken out of digests that were not sent yet."))
            return redirect(self.url("change", pk))
        title = writing.newest_version(post).text_in(translation.get_language() or "nl").title
        return page(
            request,
            self,
            "admin/notifications/post/close.html",
            title=_("Close"),
            crumbs=[self.home(), (title, self.url("change", pk))],
            post=post,
            back=self.url("change", pk),
        )


def form_languages(post: Post) -> list[str]:
    """The languages in which the newest text of a post has words."""
    return list(writing.newest_version(post).texts.values_list("language", flat=True))


def _in_words(found: Reach, post: Post) -> dict[str, Any]:
    reasons = [(words.reason(code, purpose=post.purpose), n) for code, n in found.reasons.items()]
    return {"total": found.total, "reached": found.reached, "missed": found.total - found.reached, "reasons": reasons}
