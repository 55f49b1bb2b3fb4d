"""Markdown of posts as safe HTML, and as plain text.

The text is kept as it was written; raw HTML in it is never HTML (markdown-it with `html` off), and nh3 has the last
word with an explicit list of what may be in the result (its defaults allow pictures).
"""

from collections.abc import Iterable

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "h2", "h3", "blockquote"}
ATTRIBUTES = {"a": {"href"}}
URL_SCHEMES = {"https", "mailto"}

_parser = MarkdownIt("commonmark", {"html": False}).disable(["code", "fence", "backticks", "hr"])


def _lower_heads(tokens: list[Token]) -> list[Token]:
    # The page's own title is the h1; below h3 a post needs no more.
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = "h2" if token.tag in {"h1", "h2"} else "h3"
    return tokens


def to_html(text: str) -> str:
    """Safe HTML of a Markdown text: only the TAGS, links only to https and mailto."""
    html = _parser.renderer.render(_lower_heads(_parser.parse(text)), _parser.options, {})
    return nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=URL_SCHEMES, link_rel="noopener noreferrer"
    ).strip()


def _words(tokens: Iterable[Token]) -> str:
    """The text of inline tokens. A link whose text is not its address is followed by it, in brackets."""
    out: list[str] = []
    href, start = "", 0
    for token in tokens:
        if token.type == "text":
            out.append(token.content)
        elif token.type in {"softbreak", "hardbreak"}:
            out.append(" " if token.type == "softbreak" else "\n")
        elif token.type == "link_open":
            href, start = str(token.attrs.get("href", "")), len(out)
        elif token.type == "link_close":
            shown = "".join(out[start:]).strip()
            safe = href.split(":", 1)[0].lower() in URL_SCHEMES
            if safe and shown and shown != href.removeprefix("mailto:"):
                out.append(f" ({href.removeprefix('mailto:')})")
    return "".join(out)


def to_plain(text: str) -> str:
    """The same words as plain text: paragraphs parted by an empty line, list items on lines that start with "- "."""
    out = ""
    depth, is_new_item, was_in_list = 0, False, False
    for token in _parser.parse(text):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "list_item_open":
            is_new_item = True
        elif token.type == "inline" and (words := _words(token.children or ()).strip()):
            lead = "  " * (depth - 1) + ("- " if is_new_item else "  ") if depth else ""
            out += ("\n" if is_new_item and was_in_list else "\n\n") + lead + words
            was_in_list, is_new_item = depth > 0, False
    return out.strip()
