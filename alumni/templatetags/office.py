"""Pieces of the back office's pages: filters as links, bars, rings, tags."""

import datetime as dt
from typing import Any

from django import template
from django.contrib.admin import ListFilter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.inclusion_tag("office/filter_links.html")
def filter_links(cl: Any, spec: ListFilter) -> dict[str, Any]:
    """A filter of a list as links that work without a script and say which one holds."""
    return {"title": spec.title, "choices": list(spec.choices(cl))}


@register.simple_tag
def tag(text: Any, kind: str = "") -> SafeString:
    """A state in one or two words: `on`, `warn`, `bad`, or neutral."""
    return format_html('<span class="tag {}">{}</span>', kind, text)


@register.simple_tag
def bar(part: int, whole: int, kind: str = "c-accent") -> SafeString:
    """A bar that starts at 0. The numbers stand beside it: it is hidden from who listens."""
    share = f"{100 * part / whole:.2f}" if whole else "0"
    return format_html(
        '<svg class="bar" width="100%" height="18" aria-hidden="true" focusable="false">'
        '<rect class="c-sunk" width="100%" height="18" rx="2"/>'
        '<rect class="{}" width="{}%" height="18" rx="2"/></svg>',
        kind,
        share,
    )


@register.simple_tag
def stacked(parts: list[dict[str, Any]], label: str) -> SafeString:
    """One bar of several parts, `[{"n", "kind"}, …]`, with a word for who listens. A table gives the numbers."""
    total = sum(part["n"] for part in parts)
    rects, left = [], 0.0
    for part in parts:
        share = 100 * part["n"] / total if total else 0
        width = f"{max(share - 0.4, 0.2):.2f}"
        if share:
            rects.append(
                format_html('<rect class="{}" x="{}%" width="{}%" height="22"/>', part["kind"], f"{left:.2f}", width)
            )
        left += share
    return format_html(
        '<svg width="100%" height="22" role="img" aria-label="{}">'
        '<rect class="c-sunk" width="100%" height="22"/>{}</svg>',
        label,
        SafeString("".join(rects)),
    )


@register.filter
def short_day(moment: dt.date | dt.datetime | None, shape: str = "j M Y") -> str:
    """21 nov 2026 in Dutch, which writes months small; 21 Nov 2026 in English."""
    if moment is None:
        return "–"
    if isinstance(moment, dt.datetime):
        moment = timezone.localtime(moment)
    text = date_format(moment, shape)
    return text.lower() if get_language() == "nl" else text


@register.filter
def share(part: int, whole: int) -> int:
    """Whole percents, rounded down, so that parts never seem to be more than they are."""
    return 100 * part // whole if whole else 0
