"""Bytes as they go over the wire: quoted-printable that can be joined from pieces, and header lines.

Quoted-printable may break a line anywhere with "=" at its end (RFC 2045 section 6.7). So each piece is encoded once, by
itself, and ends in such a soft break; pieces put one after the other decode to the texts put one after the other.
"""

import binascii
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime

from notifications.mail.message import CONTROL

MAX_LINE = 76
_CHARSET = Charset("utf-8")
_CHARSET.body_encoding = QP


class UnsafeHeader(ValueError):
    """A value for a header holds a line break or another control character."""


def encoded(text: str) -> bytes:
    """Quoted-printable of a text, CRLF, no line over 76; ends in a soft break unless it ends with a line of its own."""
    if not text:
        return b""
    lines = binascii.b2a_qp(text.replace("\r\n", "\n").encode(), istext=True).replace(b"\r", b"").split(b"\n")
    is_open = lines[-1] != b""
    if is_open:
        lines[-1] += b"="
    # b2a_qp does not count the "=20" of a space at the end of a line, nor the break that we just put there.
    wire = b"\r\n".join(line if len(line) <= MAX_LINE else _broken(line) for line in lines)
    return wire + b"\r\n" if is_open else wire


def _broken(line: bytes) -> bytes:
    """A line that is a little too long, as two."""
    at = len(line) - 4
    while b"=" in line[at - 2 : at]:  # not inside an encoded byte
        at -= 1
    return line[:at] + b"=\r\n" + line[at:]


def header(name: str, value: str) -> bytes:
    """One header line, folded, words beyond ASCII as RFC 2047 encoded words. Raises UnsafeHeader."""
    if CONTROL.search(value):
        raise UnsafeHeader(f"{name} holds a control character.")
    if value.isascii() and len(name) + 2 + len(value) <= MAX_LINE:
        return f"{name}: {value}\r\n".encode()
    charset = None if value.isascii() else _CHARSET
    return f"{name}: {Header(value, charset, header_name=name).encode(linesep=chr(13) + chr(10))}\r\n".encode()


def mailbox(name: str, phrase: str, address: str) -> bytes:
    """A header with a name and an address. The address is never encoded; a long or foreign phrase is, and is folded."""
    if CONTROL.search(phrase) or CONTROL.search(address):
        raise UnsafeHeader(f"{name} holds a control character.")
    if phrase.isascii() and len(phrase) < 50:
        quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{quoted}"'
    else:
        # Always as encoded words: a long quoted string could not be folded.
        shown = Header(phrase, _CHARSET, header_name=name).encode(linesep="\r\n")
    return f"{name}: {shown}\r\n <{address}>\r\n".encode()


def plain_header(name: str, value: str) -> bytes:
    """A header of ours whose value is never folded: addresses and marks that others read literally."""
    if CONTROL.search(value) or not value.isascii():
        raise UnsafeHeader(f"{name} holds what does not belong in it.")
    return f"{name}: {value}\r\n".encode()


__all__ = ["UnsafeHeader", "encoded", "format_datetime", "header", "mailbox", "plain_header"]
