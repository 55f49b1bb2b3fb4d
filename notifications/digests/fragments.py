"""Pieces of a digest, compiled once and joined per member: MJML to HTML, cut at marks, encoded for the wire.

A mark is a name in brackets that no text writes; one that does is refused. (Characters that can't be seen will not do:
mrml writes those in attributes as escapes.) mrml passes on or drops what it does not know without a word, so what comes
out is checked: each mark that went in must come out, and no tag of MJML.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import mrml
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from notifications.digests.wire_format import encoded

_OPEN, _CLOSE = "⟦kring:", "⟧"
_MARK = re.compile(f"{_OPEN}([a-z_]+){_CLOSE}")
_CUT = f"{_OPEN}cut{_CLOSE}"
# No web fonts: nothing in a mail is fetched from anywhere.
_OPTIONS = mrml.RenderOptions(disable_comments=True, fonts={})
# List views show what stands first in a mail; this keeps the rest of it out of there.
_FILLER = range(30)
TEXT_WIDTH = 72


class RenderError(Exception):
    """A piece did not come out as it went in; what holds it is set aside."""


def holds_mark(text: str) -> bool:
    """Whether a text holds what only our marks may hold."""
    return _OPEN in text


def mark(name: str) -> SafeString:
    """A place where something goes in later."""
    return mark_safe(f"{_OPEN}{name}{_CLOSE}")  # noqa: S308 - a constant


def compiled(template: str, context: Mapping[str, Any]) -> str:
    """The HTML of an MJML template. Raises RenderError where it is no MJML, lost a mark or garbled the `url`."""
    source = render_to_string(template, {"filler": _FILLER, "cut": mark("cut"), **context})
    try:
        html = mrml.to_html(source, render_options=_OPTIONS).content
    except Exception as error:  # mrml raises a bare Exception
        raise RenderError(f"{template}: {error}") from error
    if set(_MARK.findall(html)) != set(_MARK.findall(source)):
        raise RenderError(f"{template}: marks were lost")
    if "<mj-" in html:
        raise RenderError(f"{template}: a tag that mrml does not know")
    if "url" in context and f'href="{escape(context["url"])}"' not in html:
        raise RenderError(f"{template}: the link did not come out as it went in")
    return str(html)


def cut(html: str) -> list[str]:
    """What stands between the cuts."""
    return html.split(_CUT)[1:-1]


class Piece:
    """HTML or text with marks, split at them and encoded: `fill` only joins bytes. `size`: bytes before encoding."""

    def __init__(self, text: str, *, holes: set[str]) -> None:
        parts = _MARK.split(text)
        self.size = len(text.encode())
        self._parts: Sequence[bytes] = [encoded(part) for part in parts[::2]]
        self._holes: Sequence[str] = parts[1::2]
        if set(self._holes) != holes:
            raise RenderError(f"Marks {sorted(holes)} expected, found {sorted(set(self._holes))}.")

    def fill(self, values: Mapping[str, bytes | list[bytes]]) -> bytes:
        """The piece with encoded values in its holes."""
        out: list[bytes] = []
        self.add_to(out, values)
        return b"".join(out)

    def add_to(self, out: list[bytes], values: Mapping[str, bytes | list[bytes]]) -> None:
        """The same, to be joined later: nothing is copied twice. A value may be a list of what goes in one hole."""
        out.append(self._parts[0])
        for name, part in zip(self._holes, self._parts[1:], strict=True):
            value = values[name]
            if isinstance(value, bytes):
                out.append(value)
            else:
                out += value
            out.append(part)


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """A paragraph of the text part: lines of up to 72 characters, except where one word is longer (an address)."""
    text, start = " ".join(text.split()), indent if first is None else first
    if len(start) + len(text) <= TEXT_WIDTH:
        return start + text
    return textwrap.fill(
        text,
        width=TEXT_WIDTH,
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
