"""What every serializer of input shares: unknown fields are refused, and text of one line is one line."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

# Control characters: CR and LF in a name would add lines to a mail's header; the others have no business in text.
_CONTROL = {chr(code) for code in (*range(32), 127, *range(128, 160), 0x2028, 0x2029)}
_LINES = {"\n", "\r", "\t"}
_SEVERAL_LINES = {"base_template": "textarea.html"}  # how DRF itself says it


def has_control_characters(text: str, *, several_lines: bool = False) -> bool:
    """Whether there is a character in it that may not stand in such a text; blanks at the ends do not count."""
    return any(char in _CONTROL and not (several_lines and char in _LINES) for char in text.strip())


class TextField(serializers.CharField):
    """Text of several lines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(style=_SEVERAL_LINES, **kwargs)


def _problem(message: str, code: str) -> list[serializers.ErrorDetail]:
    return [serializers.ErrorDetail(message, code=code)]


def _control_problem(field: serializers.Field[Any, Any, Any, Any], value: Any) -> list[serializers.ErrorDetail] | None:
    several_lines = field.style.get("base_template") == _SEVERAL_LINES["base_template"]
    texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    if not any(has_control_characters(text, several_lines=several_lines) for text in texts):
        return None
    if several_lines:
        return _problem(_("Remove the control characters."), "control_character")
    return _problem(_("Write this on one line, without control characters."), "control_character")


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses what it does not know (400 `unknown_field`, `read_only`) instead of ignoring it, and
    control characters in text (400 `control_character`). Text of several lines is a `TextField`.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (problems := self._problems(data)):
            raise serializers.ValidationError(problems)
        return super().to_internal_value(data)

    def _problems(self, data: dict[str, Any]) -> dict[str, list[serializers.ErrorDetail]]:
        known = ", ".join(sorted(name for name, field in self.fields.items() if not field.read_only))
        found: dict[str, list[serializers.ErrorDetail]] = {}
        for name in map(str, data):
            field = self.fields.get(name)
            if field is None:
                found[name] = _problem(_("There is no such field. Known: %s.") % known, "unknown_field")
            elif field.read_only:
                found[name] = _problem(_("This can be read, not written. Leave it out."), "read_only")
            elif problem := _control_problem(field, data.get(name)):
                found[name] = problem
        return found


class StrictModelSerializer(StrictSerializer, serializers.ModelSerializer[Any]):
    """The same over a model; `fields` is always an explicit list."""
