"""What every message that leaves has: an identity on our domain, headers of a good citizen, seven clean bits.

Auto-Submitted (RFC 3834), lines of at most 998 octets, encoded words of at most 75 characters, no line breaks or
control characters in anything that reaches a header, A-labels for international domains.
"""

import re
import uuid
from email import charset
from email.header import Header
from email.message import Message
from email.utils import formataddr, getaddresses

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.utils.translation import gettext as _

from alumni.accounts.models import Organisation
from alumni.accounts.organisation import the_organisation

CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Quoted-printable: no relay has to know 8BITMIME, and no line grows too long.
_UTF8_QP = charset.Charset("utf-8")
_UTF8_QP.body_encoding = charset.QP


def address_domain(organisation: Organisation | None = None) -> str:
    """The domain of our Message-IDs: MESSAGE_ID_DOMAIN, else that of the sender's address. May run a query."""
    if settings.MESSAGE_ID_DOMAIN:
        return settings.MESSAGE_ID_DOMAIN
    return bounce_address(organisation or the_organisation()).rpartition("@")[2]


def why_nothing_may_leave(organisation: Organisation) -> str | None:
    """What the company's row lacks before a mail to people outside may leave (M8, M28); None when it is complete."""
    if not organisation.has_postal_address:
        return _("The company has no postal address yet. Fill it in; without it no mail may leave.")
    if not (organisation.from_email and organisation.reply_to):
        return _("The company has no address to send from, or none that answers go to. Fill them in.")
    return None


def bounce_address(organisation: Organisation) -> str:
    """Where the mail servers report failures to: the envelope's sender."""
    return envelope_address(organisation.from_email or settings.DEFAULT_FROM_EMAIL)


def message_id(name: str, uid: uuid.UUID, domain: str) -> str:
    """`<opt_in.0198…@maasveld.example>`: follows from the row, so that a message has the same one each time."""
    return f"<{name}.{uid.hex}@{domain}>"


def envelope_address(address: str) -> str:
    """The bare address as it goes over the wire, the domain as A-labels.

    Raises BadHeaderError for what is no single address, or has letters beyond ASCII before the @: that would need
    SMTPUTF8 on the whole way.
    """
    if CONTROL.search(address):
        raise BadHeaderError("An address holds a control character.")
    found = getaddresses([address])
    local, at, domain = found[0][1].rpartition("@") if len(found) == 1 else ("", "", "")
    if not (local and at and domain and local.isascii()) or " " in found[0][1]:
        raise BadHeaderError("This is not one address.")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise BadHeaderError("This domain cannot be written in an address.") from error


def refuse_control_characters(message: EmailMessage) -> None:
    """Django refuses line breaks in headers; NUL and the rest have no place there either."""
    filenames = [part[0] or "" for part in message.attachments]
    for value in (message.subject, message.from_email, *message.to, *message.reply_to, *filenames):
        if CONTROL.search(str(value)):
            raise BadHeaderError("A header holds a line break or another control character.")


def build(message: EmailMessage, *, headers: dict[str, str]) -> bytes:
    """The final bytes, CRLF, as they will be handed over. Headers that the caller had put on it are replaced."""
    refuse_control_characters(message)
    message.encoding = _UTF8_QP
    message.extra_headers = {"Auto-Submitted": "auto-generated", **headers}
    built: Message = message.message()
    for name in ("Subject", "From"):
        built.replace_header(name, _encoded(name, str(message.subject if name == "Subject" else message.from_email)))
    return built.as_bytes(linesep="\r\n")  # type: ignore[call-arg]


def _encoded(name: str, value: str) -> str:
    """A header beyond ASCII as encoded words of at most 75 characters (RFC 2047 section 2); Django makes some of 76.

    Of an address only the name is encoded. The caller has refused control characters.
    """
    if name == "From":
        display, address = getaddresses([value])[0]
        return formataddr((_encoded("", display), envelope_address(address)))
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=75, header_name=name or "From").encode()
