"""The page of a post. Everybody reads a public one; one for the network only those it is for, and HR."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.dateformat import format as format_date
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from alumni.accounts.organisation import the_organisation
from notifications.posts import wording
from notifications.posts.job_posting import as_script, job_posting
from notifications.posts.markdown import to_html
from notifications.posts.models import Kind, Post, PostState, PostText, Visibility, WorkTerms
from notifications.posts.public import may_read, public_url


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """200; 410 when it is closed; 404 for what is not there and, no different, for what is not for this reader."""
    post = Post.objects.with_content().filter(slug=slug).first()
    if post is None or not may_read(post, request.user):
        return _for_nobody(request)
    if post.state == PostState.CLOSED:
        response = render(request, "posts/closed.html", {"post": post}, status=410)
    else:
        response = render(request, "posts/post.html", _context(post))
    return _private(response) if post.visibility != Visibility.PUBLIC else response


def _for_nobody(request: HttpRequest) -> HttpResponse:
    login = "" if request.user.is_authenticated else f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    return _private(render(request, "posts/not_found.html", {"login": login}, status=404))


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Cookie"])
    return response


def _context(post: Post) -> dict[str, Any]:
    version = post.current_version
    assert version is not None  # a published post has one: a constraint
    text = version.text_in(get_language() or "")
    organisation = the_organisation()
    posting = job_posting(post, text, organisation)
    return {
        "post": post,
        "text": text,
        "kind_line": _kind_line(post, organisation.name),
        "facts": _facts(post, version.terms_or_none),
        "skills": [row.skill.name for row in version.skills.all()],
        # Cleaned by nh3 to a closed list of tags.
        "body": mark_safe(to_html(text.body)),  # noqa: S308
        "url": public_url(post),
        "is_public": post.visibility == Visibility.PUBLIC,
        "respond": _respond(post, text, version.terms_or_none, organisation.reply_to),
        # `as_script` leaves no character that could end the element.
        "job_posting": mark_safe(as_script(posting)) if posting else "",  # noqa: S308
    }


def _kind_line(post: Post, company: str) -> str:
    assert post.published_at is not None
    words = {"date": format_date(timezone.localdate(post.published_at), "j F Y"), "company": company}
    if post.kind == Kind.GIG:
        return _("Gig for a freelancer, posted on %(date)s") % words
    if post.kind == Kind.VACANCY:
        return _("Vacancy, posted on %(date)s") % words
    return _("News from %(company)s, posted on %(date)s") % words


def _facts(post: Post, terms: WorkTerms | None) -> list[tuple[str, str]]:
    """(label, value) in the order of the kind; only what is known."""
    if terms is None:
        return []
    today = timezone.localdate()
    is_gig = post.kind == Kind.GIG
    pay = wording.pay(terms, post.kind).symbol
    rows = [
        (_("Rate"), _("%(amount)s, excluding VAT") % {"amount": pay}) if is_gig else (_("Pay"), pay),
        (_("Size") if is_gig else _("Hours"), wording.hours(terms)),
        (_("When"), wording.period(terms, today)),
        (_("Place"), wording.place(terms)),
    ]
    if post.closes_on:
        until = _("until %(end)s") % {"end": wording.day_in_words(post.closes_on, today)}
        rows.append((_("Reply by") if is_gig else _("Apply by"), until))
    rows.append((_("Contact"), terms.contact_name))
    return [(label, value) for label, value in rows if value]


def _respond(post: Post, text: PostText, terms: WorkTerms | None, reply_to: str) -> list[dict[str, Any]]:
    """The buttons: where to respond, and whom to ask."""
    buttons = []
    if text.apply_url:
        labels = {Kind.GIG: _("Respond to this gig"), Kind.VACANCY: _("Apply"), Kind.UPDATE: _("Read more")}
        buttons.append({"href": text.apply_url, "label": labels[Kind(post.kind)]})
    address = (terms.contact_email if terms else "") or reply_to
    if address:
        subject = urlencode({"subject": text.title}).replace("+", "%20")
        is_the_way = not text.apply_url and post.kind != Kind.UPDATE
        label = _("Respond by e-mail") if is_the_way else _("Questions?")
        buttons.append({"href": f"mailto:{address}?{subject}", "label": label})
    return buttons
