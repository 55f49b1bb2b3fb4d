"""Who holds what on a person: the `personal_data` modules of every room of every app.

They are found by name at run time, so that no room imports a higher one. Each has
`MODELS: dict[type[Model], str]`, every model that holds something on a person with a word on how erasure treats it;
`export(member) -> dict`, what the person may know of it, as JSON knows it; and `erase(member) -> None`, idempotent.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db.models import Model

from alumni.members.models import Member


def holders() -> list[ModuleType]:
    """The modules, highest room first: what points to a member goes before the member."""
    lowest_first = [
        f"{config.name}.{room}.personal_data"
        for config in apps.get_app_configs()
        for room in getattr(config.module, "ROOMS", ())
    ]
    return [import_module(path) for path in reversed(lowest_first) if find_spec(path)]


def declared() -> dict[type[Model], str]:
    """{model: how erasure treats it} of all rooms."""
    return {model: words for holder in holders() for model, words in holder.MODELS.items()}


def export(member: Member) -> dict[str, Any]:
    """Everything that is held on a member, by app and room: {"alumni.members": {...}}."""
    return {holder.__name__.rpartition(".")[0]: holder.export(member) for holder in holders()}
