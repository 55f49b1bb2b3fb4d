"""Names as they are said, as they are sorted, and as they may be written."""

import re
import unicodedata

from django.utils.translation import gettext as _

from backend.http.errors import InvalidInput

# Marks that turn the writing direction of what follows: a name needs none, a forged line does.
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_SORTED = str.maketrans("", "", "'’-‐")
# A link or an address in the place of a name would travel in our mails to people who did not ask for it.
_LINK = re.compile(r"[<>]|://|www\.|@|\w{2,}\.\w{2,}", re.IGNORECASE)


def sort_key(text: str) -> str:
    """Lower case without accents, apostrophes and hyphens: Çelik sorts with the c, 's Gravensande with the s."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(_NOT_SORTED).split())


def sort_name(*, given_name: str, infix: str, family_name: str, country: str) -> str:
    """The key that lists are ordered by.

    The Netherlands sorts by family name with the tussenvoegsel behind (Kamp, Nathan van der); Belgium counts the
    particle as part of the name (Van der Kamp).
    """
    family = f"{infix} {family_name}" if country == "BE" else family_name
    tail = given_name if country == "BE" else f"{given_name} {infix}"
    return f"{sort_key(family)}, {sort_key(tail)}"[:300]


def _breaks_the_line(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in _BIDI_OVERRIDES


def clean_line(text: str, *, max_length: int, field: str) -> str:
    """One line of text in NFC, trimmed, inner spaces made single.

    Raises InvalidInput: `control_characters` for line breaks, NUL and what else has no place in a line (in a mail's
    header they would begin another), `too_long`.
    """
    text = unicodedata.normalize("NFC", text).strip()
    # isprintable() settles nearly every name at once; what it also refuses (joiners, odd spaces) is looked at closely.
    if not text.isprintable() and any(_breaks_the_line(c) for c in text):
        raise InvalidInput(
            _("There is a line break or another invisible sign in it. Remove it."),
            code="control_characters",
            field=field,
        )
    text = " ".join(text.split())
    if (excess := len(text) - max_length) > 0:
        raise InvalidInput(_("This is %d characters too long.") % excess, code="too_long", field=field)
    return text


def clean_name(text: str, *, max_length: int, field: str) -> str:
    """A part of a person's name: `clean_line`, and no link or address in it (`not_a_name`)."""
    text = clean_line(text, max_length=max_length, field=field)
    if _LINK.search(text):
        raise InvalidInput(
            _("A name holds no link, address or < >. Write the name alone."), code="not_a_name", field=field
        )
    return text
