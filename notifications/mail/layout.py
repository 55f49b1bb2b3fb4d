"""The one sheet of all service mail: plain text in, a text part and an HTML part with the same words and links out."""

import re
import textwrap
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from alumni.accounts.models import Organisation

FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
# Outside the e-mail itself nothing follows an address but these.
_URL = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")
_LINK_STYLE = "color:#0f5c5a;text-decoration:underline;"


@dataclass(frozen=True)
class Block:
    """A paragraph, or the button."""

    html: str = ""
    label: str = ""
    url: str = ""


def identity(organisation: Organisation) -> str:
    """Who writes, as the law wants it below every mail: name, postal address, company number."""
    parts = [", ".join(part for part in (organisation.name, organisation.postal_address) if part) + "."]
    if organisation.company_number:
        if organisation.country == "BE":
            number = pgettext("Belgium", "Company number %(number)s.")
        else:
            number = _("Company number %(number)s.")
        parts.append(number % {"number": organisation.company_number})
    return " ".join(parts)


def text_part(*, text: str, button: tuple[str, str] | None, organisation: Organisation) -> str:
    """The plain part: lines of up to 72 characters, except addresses; the footer below the signature mark."""
    paragraphs = [
        f"{button[0]}:\n{button[1]}" if button and paragraph == button[1] else paragraph
        for paragraph in _paragraphs(text, button)
    ]
    contact = ", ".join(part for part in (organisation.reply_to, organisation.phone) if part)
    footer = "\n".join(filter(None, ["-- ", _wrapped(identity(organisation)), contact]))
    return "\n\n".join([*(_wrapped(paragraph) for paragraph in paragraphs), footer]) + "\n"


def html_part(*, subject: str, text: str, button: tuple[str, str] | None, organisation: Organisation) -> str:
    """The HTML part, in the active language: tables and inline styles, no pictures, nothing fetched from anywhere."""
    return render_to_string(
        "mail/service.html",
        {
            "subject": subject,
            "language": get_language() or "nl",
            "font": mark_safe(FONT),  # noqa: S308 - a constant
            "sender": organisation.sender_name or organisation.name,
            "role": _role(organisation),
            "initials": _initials(organisation.sender_name),
            "date": date_format(timezone.localdate(), "l j F Y"),
            "blocks": [_block(paragraph, button) for paragraph in _paragraphs(text, button)],
            "identity": identity(organisation),
            "reply_to": organisation.reply_to,
            "phone": organisation.phone,
        },
    )


def _paragraphs(text: str, button: tuple[str, str] | None) -> list[str]:
    """The paragraphs of the text; the button's URL stands among them, last where the text does not name it."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
    if button and button[1] not in paragraphs:
        paragraphs.append(button[1])
    return paragraphs


def _block(paragraph: str, button: tuple[str, str] | None) -> Block:
    if button and paragraph == button[1]:
        return Block(label=button[0], url=button[1])
    return Block(html=_linked(paragraph))


def _linked(paragraph: str) -> SafeString:
    """The paragraph as HTML: escaped, its addresses as links, its line breaks kept."""
    pieces: list[str] = []
    end = 0
    for match in _URL.finditer(paragraph):
        url = escape(match.group())
        pieces.append(escape(paragraph[end : match.start()]))
        pieces.append(f'<a class="acc" href="{url}" style="{_LINK_STYLE}">{url}</a>')
        end = match.end()
    pieces.append(escape(paragraph[end:]))
    return mark_safe("".join(pieces).replace("\n", "<br>\n"))  # noqa: S308 - each piece is escaped above


def _wrapped(paragraph: str) -> str:
    return "\n".join(
        textwrap.fill(line, width=72, break_long_words=False, break_on_hyphens=False) for line in paragraph.split("\n")
    )


def _role(organisation: Organisation) -> str:
    if not (organisation.sender_name and organisation.sender_role):
        return ""
    return _("%(role)s at %(company)s") % {"role": organisation.sender_role, "company": organisation.name}


def _initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else ""
