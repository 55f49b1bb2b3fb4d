"""System checks of the ledger. They need the database: `manage.py check --database default`, and every migrate."""

import sys
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from alumni.consent import triggers


@register(Tags.database)
def ledger_is_guarded(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """An error where a trigger is missing. Migrate sets them itself, so it is not held up by what it mends."""
    if "migrate" in sys.argv[1:2]:
        return []
    return [
        Error(
            f"The consent ledger is not guarded in database '{using}': {', '.join(names)} missing.",
            hint="Run manage.py migrate, which sets the triggers; then manage.py verify_ledger.",
            id="kring.E101",
        )
        for using in databases or []
        if (names := triggers.missing(using))
    ]
