"""A kept message as people and scripts want to read it. Never fails: what cannot be parsed is shown as it came."""

import base64
import datetime as dt
import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

_URL = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]")
_CID = re.compile(r"""(["'(])cid:([^"')\s]+)""")


@dataclass(frozen=True)
class Letter:
    """One kept message. `id` is its name in the mailbox; `links` are the addresses in its text, each once."""

    id: str
    at: dt.datetime
    sender: str
    to: str
    subject: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    text: str = ""
    html: str = ""
    attachments: list[str] = field(default_factory=list)

    @property
    def links(self) -> list[str]:
        return list(dict.fromkeys(_URL.findall(self.text)))


def open_letter(name: str, raw: bytes) -> Letter:
    """Parse a kept message. `html` has its inline pictures in it as data, so that it needs nothing from anywhere."""
    message = message_from_bytes(raw)
    text, html, pictures, attachments = "", "", {}, []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, filename = part.get_content_type(), part.get_filename()
        if filename or part.get_content_disposition() == "attachment":
            attachments.append(_decoded(filename or kind))
        elif kind == "text/plain" and not text:
            text = _words(part)
        elif kind == "text/html" and not html:
            html = _words(part)
        if identifier := part.get("Content-ID"):
            pictures[str(identifier).strip(" <>")] = _as_data(part)
    return Letter(
        id=name,
        at=dt.datetime.fromtimestamp(int(name[:20]) / 1e9, tz=dt.UTC),
        sender=_header(message, "From"),
        to=_header(message, "Delivered-To"),
        subject=_header(message, "Subject"),
        headers=[(header, _decoded(str(value))) for header, value in message.items()],
        text=text,
        html=_CID.sub(lambda found: found[1] + pictures.get(found[2], "data:,"), html),
        attachments=attachments,
    )


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(value: str) -> str:
    try:
        words = str(make_header(decode_header(value)))
    except (ValueError, LookupError):  # an unknown charset, broken base64
        words = value
    return " ".join(words.encode("utf-8", "replace").decode().split())


def _words(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        words = raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        words = raw.decode("utf-8", "replace")
    return words.replace("\r\n", "\n").replace("\x00", "\N{REPLACEMENT CHARACTER}")


def _as_data(part: Message) -> str:
    payload = part.get_payload(decode=True)
    kind = part.get_content_type()
    if not isinstance(payload, bytes) or not kind.startswith("image/"):
        return "data:,"
    return f"data:{kind};base64,{base64.b64encode(payload).decode()}"
