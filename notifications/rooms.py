"""Gathers from the rooms what Django and Celery look for once an app."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from notifications import ROOMS


def modules(name: str) -> list[ModuleType]:
    """The modules called `name` of those rooms that have one, lowest room first."""
    dotted = [f"notifications.{room}.{name}" for room in ROOMS]
    return [import_module(path) for path in dotted if find_spec(path)]
