"""Bytes as they go over the wire: quoted-printable that can be joined from pieces, and header lines.

Quoted-printable may break a line anywhere with "=" at its end (RFC 2045 section 6.7). So each piece is encoded once, by
itself, and ends in such a soft break; pieces put one after the other decode to the texts put one after the other.
"""

import binascii

from notifications.mail.message import CONTROL

MAX_LINE = 76


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
    is_plain = value.isascii() and len(name) + 2 + len(value) <= MAX_LINE and "=?" not in value
    return b"%b: %b\r\n" % (name.encode(), value.encode() if is_plain else _encoded_words(value, len(name) + 2))


def mailbox(name: str, phrase: str, address: str) -> bytes:
    """A header with a name and an address. The address is never encoded; a long or foreign phrase is, and is folded."""
    if CONTROL.search(phrase) or CONTROL.search(address):
        raise UnsafeHeader(f"{name} holds a control character.")
    if phrase.isascii() and len(phrase) < 50 and "=?" not in phrase:
        quoted = phrase.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{quoted}"'.encode()
    else:
        # A long one too: a quoted string could not be folded.
        shown = _encoded_words(phrase, len(name) + 2)
    return b"%b: %b\r\n <%b>\r\n" % (name.encode(), shown, address.encode())


def _encoded_words(text: str, used: int) -> bytes:
    """RFC 2047: words of at most 75 characters, each whole characters, one a line. `used`: of the first line."""
    words: list[bytes] = []
    chunk, room = b"", (MAX_LINE - 1 - used - len("=?utf-8?b??=")) // 4 * 3
    for char in text:
        octets = char.encode("utf-8", "replace")
        if len(chunk) + len(octets) > room:
            words.append(chunk)
            chunk, room = b"", 45
        chunk += octets
    return b"\r\n ".join(b"=?utf-8?b?%b?=" % binascii.b2a_base64(word, newline=False) for word in (*words, chunk))


def plain_header(name: str, value: str) -> bytes:
    """A header of ours whose value is never folded: addresses and marks that others read literally."""
    if CONTROL.search(value) or not value.isascii():
        raise UnsafeHeader(f"{name} holds what does not belong in it.")
    return f"{name}: {value}\r\n".encode()
