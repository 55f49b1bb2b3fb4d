"""The house stands as it is drawn."""

import tomllib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import alumni
import notifications


def test_every_room_is_on_its_apps_list() -> None:
    for app in (alumni, notifications):
        root = Path(app.__file__).parent
        rooms = {path.parent.name for path in root.glob("*/models.py")} | {p.parent.name for p in root.glob("*/api.py")}
        assert rooms <= set(app.ROOMS)


def test_imports_run_downwards_only() -> None:
    assert (
        lint_imports(config_filename=str(settings.BASE_DIR / "pyproject.toml"), cache_dir=None) == EXIT_STATUS_SUCCESS
    )


def test_every_module_of_the_roof_is_named_in_the_contract() -> None:
    contract = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    named = {name.strip() for name in contract["layers"][0].split(":")}
    roof = settings.BASE_DIR / "backend"
    modules = {path.stem for path in roof.glob("*.py")} | {path.parent.name for path in roof.glob("*/__init__.py")}
    assert named == {f"backend.{module}" for module in modules - {"__init__", "http"}}


def test_foreign_keys_run_downwards_too() -> None:
    floor = {
        f"{app.__name__}.{room}": number
        for number, (app, room) in enumerate((app, room) for app in (alumni, notifications) for room in app.ROOMS)
    }

    def room_of(model: type) -> str:
        return ".".join(model.__module__.split(".")[:2])

    upwards = [
        f"{model.__name__}.{field.name}"
        for app in ("alumni", "notifications")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.many_to_one or (field.one_to_one and field.concrete)
        if floor.get(room_of(field.related_model), -1) > floor[room_of(model)]
    ]
    assert upwards == []
