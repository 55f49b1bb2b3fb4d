"""The back office's start page: the few counts that HR looks for first."""

from typing import Any

from django.http import HttpRequest


def context(_request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK."""
    return context
