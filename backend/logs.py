"""What no log line holds: tokens of links, addresses, what was searched for. The last processor before a line."""

import re
from collections.abc import MutableMapping
from typing import Any

# Paths whose next part is a secret (or lasting proof of who somebody is). Words like `confirm` are shorter.
_TOKEN = re.compile(r"((?:/|%2F)(?:u|join|invited)(?:/|%2F))[^/?#&\s\"'%]{16,}", re.IGNORECASE)
# What somebody searched for is mostly a name; a cursor holds the one at which a page ends.
_SEARCH = re.compile(r"((?:[?&=]|%3F|%26)(?:q|search|cursor)(?:=|%3D))(?:(?!%26)[^&\s\"#])+", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\"',;:=&?/]+(?:@|%40)[^\s<>()\"',;:=&?/]+\.[a-z]{2,}", re.IGNORECASE)


def scrubbed(value: Any) -> Any:
    """The value with tokens and addresses masked, however deep they lie."""
    if isinstance(value, str):
        return _ADDRESS.sub("***", _SEARCH.sub(r"\1***", _TOKEN.sub(r"\1***", value)))
    if isinstance(value, dict):
        return {key: scrubbed(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrubbed(part) for part in value]
    return value


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor. Stands after the traceback was written out, before the line is rendered."""
    for key, value in event.items():
        event[key] = scrubbed(value)
    return event
