"""One post as it stands in a digest, in one language: rendered once, then only its number and the reason go in."""

import datetime as dt
from dataclasses import dataclass
from itertools import product

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.digests import wording
from notifications.digests.fragments import Piece, RenderError, compiled, cut, holds_mark, mark, wrapped
from notifications.posts import wording as posts_wording
from notifications.posts.markdown import to_plain
from notifications.posts.models import Kind, Post, PostText, PostVersion, WorkTerms
from notifications.posts.public import public_url

# With ten items of at most so many bytes, their reasons (2 kB at most) and the frame (10 kB), the HTML stays under
# 100,000 bytes. What does not fit gets a shorter summary, in the end none, and a link to our own short address.
MAX_BYTES = 6_800
SUMMARY_LENGTHS = (400, 250, 120, 0)
MAX_TITLE = 160


@dataclass(frozen=True)
class ItemPieces:
    """`html` has the hole `reason`; `text` the holes `number` and `reason`. The rest is for the subject."""

    post_id: int
    version_id: int
    kind: str
    title: str
    pay: str
    start: dt.date | None
    lead: str
    html: Piece
    text: Piece


def url_of(post: Post, text: PostText) -> str:
    """Where the post is read in full: where it is to be answered, else its own page."""
    return text.apply_url or public_url(post)


def render(version: PostVersion, language: str, today: dt.date) -> ItemPieces:
    """The pieces of a version, whose post, texts and terms are at hand. Raises RenderError."""
    with override(language):
        try:
            return _render(version, language, today)
        except RenderError:
            raise
        except Exception as error:  # whatever it is: this one post is set aside, the others go
            raise RenderError(f"{type(error).__name__}: {error}") from error


def _render(version: PostVersion, language: str, today: dt.date) -> ItemPieces:
    post, text, terms = version.post, version.text_in(language), version.terms_or_none
    full = text.summary or to_plain(text.body)
    said = [
        text.title,
        full,
        text.why,
        text.apply_url,
        terms.place if terms else "",
        terms.contact_name if terms else "",
    ]
    if not text.title or any(map(holds_mark, said)):
        raise RenderError("The post has no title, or characters that no text should hold.")
    for url, length in product((url_of(post, text), public_url(post)), SUMMARY_LENGTHS):
        words = _Words(post, text, terms, wording.shortened(full, length) if length else "", url, today)
        html = Piece(cut(compiled("digests/item.mjml", words.context()))[0], holes={"reason"})
        if html.size <= MAX_BYTES:
            return ItemPieces(
                post_id=post.pk,
                version_id=version.pk,
                kind=post.kind,
                title=words.title,
                pay=posts_wording.short_pay(terms) if terms else "",
                start=terms.start if terms else None,
                lead=wording.shortened(words.summary or full, 130),
                html=html,
                text=Piece(words.plain(), holes={"number", "reason"}),
            )
    raise RenderError(f"The post takes {html.size} bytes even without a summary.")


class _Words:
    """The words of one item, for both parts."""

    def __init__(
        self, post: Post, text: PostText, terms: WorkTerms | None, summary: str, url: str, today: dt.date
    ) -> None:
        self.kind, self.terms = post.kind, terms
        self.title = wording.shortened(text.title, MAX_TITLE)
        self.summary = summary
        self.url = url
        self.why = wording.shortened(text.why, 300) if post.kind == Kind.UPDATE else ""
        self.pay = posts_wording.pay(terms, post.kind) if terms else None
        self.facts = wording.facts_after_pay(terms, post.kind, today) if terms else ""
        self.deadline = posts_wording.deadline(post.kind, post.closes_on, today)
        self.contact_name = (terms.contact_name or terms.contact_email) if terms and terms.contact_email else ""

    @property
    def button(self) -> str:
        labels = {Kind.GIG: _("See the gig"), Kind.VACANCY: _("See the vacancy")}
        return labels.get(Kind(self.kind), _("Read the whole post"))

    def _contact_html(self) -> SafeString | str:
        if not self.contact_name or self.terms is None:
            return ""
        link = format_html(
            '<a href="mailto:{}" style="color:#5a544c;text-decoration:underline;">{}</a>',
            self.terms.contact_email,
            self.contact_name,
        )
        before, after = _("Questions? E-mail %(name)s.").split("%(name)s")
        return format_html("{}{}{}", before, link, after)

    def context(self) -> dict[str, object]:
        """For the MJML template."""
        return {
            "url": self.url,
            "title": self.title,
            "pay": self.pay.symbol if self.pay else "",
            "facts": self.facts,
            "summary": self.summary,
            "why": self.why,
            "reason": mark("reason"),
            "is_news": self.kind == Kind.UPDATE,
            "button": self.button,
            "contact": self._contact_html(),
            "deadline": self.deadline,
        }

    def plain(self) -> str:
        """For the text part: the same words, the same links."""
        indent = "   "
        paragraphs = [wrapped(self.title, indent + " ", first="").lstrip()]
        if self.pay:
            paragraphs[0] += "\n" + wrapped(self.pay.words + self.facts, indent)
        if self.summary:
            paragraphs.append(wrapped(self.summary, indent))
        if self.why:
            paragraphs.append(wrapped(f"{_('Why we do this:')} {self.why}", indent))
        paragraphs.append(str(mark("reason")))
        paragraphs.append(f"{indent}{self.button}:\n{indent}{self.url}")
        if self.contact_name and self.terms is not None:
            line = _("Questions? E-mail %(name)s.") % {"name": self.contact_name}
            paragraphs.append(f"{wrapped(line, indent)}\n{indent}{self.terms.contact_email}")
        if self.deadline:
            paragraphs.append(wrapped(self.deadline, indent))
        return mark("number") + "\n\n".join(paragraphs) + "\n\n"
