"""A digest as a message: its headers, and its two parts put together."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from email.utils import format_datetime
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import override

from alumni.accounts.models import Organisation
from alumni.members.models import Member
from notifications.digests.models import Digest
from notifications.digests.wire_format import header, mailbox, plain_header
from notifications.mail.message import CONTROL, address_domain, envelope_address

# What needs no closer look before it stands in a header.
_USUAL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PART = b"--%b\r\nContent-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"


def same_for_all(company: Organisation, language: str) -> bytes:
    """The headers that every digest in a language shares. May run a query."""
    with override(language):
        name = _("%(person)s of %(company)s") % {"person": company.sender_name, "company": company.name}
    return b"".join(
        (
            b"MIME-Version: 1.0\r\n",
            mailbox("From", name if company.sender_name else company.name, envelope_address(company.from_email)),
            plain_header("Reply-To", envelope_address(company.reply_to)),
            mailbox("List-Id", company.network_name or company.name, f"digest.{address_domain(company)}"),
            b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            b"Auto-Submitted: auto-generated\r\n",
            b"Precedence: bulk\r\n",
            plain_header("Content-Language", language),
        )
    )


def message(
    *,
    shared: bytes,
    digest: Digest,
    member: Member,
    subject: str,
    unsubscribe: str,
    text: Iterable[bytes],
    html: Iterable[bytes],
) -> bytes:
    """The whole message, CRLF. `shared` is `same_for_all`, the parts are quoted-printable; all is joined here, once."""
    # "=_" cannot occur in quoted-printable, so no part holds the boundary.
    boundary = b"=_" + hashlib.sha256(digest.message_id.encode()).hexdigest()[:32].encode()
    return b"".join(
        (
            shared,
            _to(member),
            header("Subject", subject),
            _date(digest.created_at.replace(microsecond=0)),
            plain_header("Message-ID", digest.message_id),
            plain_header("List-Unsubscribe", f"<{unsubscribe}>"),
            b'Content-Type: multipart/alternative; boundary="%b"\r\n\r\n' % boundary,
            _PART % (boundary, b"plain"),
            *text,
            b"\r\n",
            _PART % (boundary, b"html"),
            *html,
            b"\r\n--%b--\r\n" % boundary,
        )
    )


@lru_cache(maxsize=1_000)
def _date(moment: dt.datetime) -> bytes:
    return plain_header("Date", format_datetime(moment.astimezone(dt.UTC)))


def _to(member: Member) -> bytes:
    """The To line. A name with a control character in it is left out: it has no place in a header."""
    address, name = member.email, member.full_name
    if not _USUAL.fullmatch(address):
        address = envelope_address(address)
    return plain_header("To", address) if CONTROL.search(name) else mailbox("To", name, address)
