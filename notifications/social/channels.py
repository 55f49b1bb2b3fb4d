"""What each channel allows. Platforms change limits without telling, so these are dated data, each with its source.

A limit of which the unit is not known is counted in UTF-16 code units, the strictest way (an emoji is two).
"""

import datetime as dt
import re
from dataclasses import dataclass

from notifications.social.models import Channel


@dataclass(frozen=True)
class Rule:
    """One limit. `mark`: V from the platform itself, S from others, ? an own choice for want of a source."""

    channel: str
    element: str
    value: int
    unit: str
    kind: str  # hard: refused; advice: said
    source: str
    mark: str
    verified_on: dt.date


_CHECKED = dt.date(2026, 11, 21)
RULES: tuple[Rule, ...] = (
    Rule(
        Channel.LINKEDIN_GROUP, "text", 3000, "UTF-16 units", "hard", "own choice: that of a page post", "?", _CHECKED
    ),
    Rule(Channel.LINKEDIN_GROUP, "fold", 140, "characters", "advice", "Espirian 2024 and others", "S", _CHECKED),
    Rule(Channel.LINKEDIN_GROUP, "fold lines", 3, "rendered lines", "advice", "Espirian 2024", "S", _CHECKED),
    Rule(Channel.LINKEDIN_GROUP, "hashtags from", 3, "count", "advice", "practice", "S", _CHECKED),
    Rule(Channel.LINKEDIN_GROUP, "hashtags until", 5, "count", "advice", "practice", "S", _CHECKED),
)
# The hosts on which a link to a post of the channel can stand.
HOSTS: dict[str, str] = {Channel.LINKEDIN_GROUP: "linkedin.com"}


@dataclass(frozen=True)
class Limits:
    """The rules of one channel. `fold` is where readers see "…more": after so many characters or lines."""

    max_length: int
    fold: int
    fold_lines: int
    hashtags_from: int
    hashtags_until: int
    verified_on: dt.date


def limits(channel: str) -> Limits:
    """The limits of a channel; `verified_on` is the day of the oldest check among them."""
    rules = {rule.element: rule for rule in RULES if rule.channel == channel}
    return Limits(
        max_length=rules["text"].value,
        fold=rules["fold"].value,
        fold_lines=rules["fold lines"].value,
        hashtags_from=rules["hashtags from"].value,
        hashtags_until=rules["hashtags until"].value,
        verified_on=min(rule.verified_on for rule in rules.values()),
    )


def length(text: str) -> int:
    """How long a text is for the channels: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def hashtag(name: str) -> str:
    """`#AmbulantVerpleegkundige`; empty when too little of the name is left to know it by ('C#', '€', '5')."""
    if re.search(r"\w[+#]", name):
        return ""
    words = re.findall(r"\w+", name)
    tag = "".join(word[:1].upper() + word[1:] for word in words)
    return f"#{tag}" if 2 <= len(tag) <= 40 and not tag.isdigit() else ""
