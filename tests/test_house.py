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


def test_every_room_with_models_is_gathered_by_its_app() -> None:
    for app in (alumni, notifications):
        root = Path(app.__file__).parent
        gathered = (root / "models.py").read_text()
        rooms = {path.parent.name for path in root.glob("*/models.py")}
        assert {room for room in rooms if f"{app.__name__}.{room}.models import" in gathered} == rooms


def test_every_periodic_job_is_a_task_that_exists() -> None:
    from backend.celery import app
    from backend.schedule import SCHEDULE

    app.loader.import_default_modules()
    assert {job["task"] for job in SCHEDULE.values()} - set(app.tasks) == set()
    for name, job in SCHEDULE.items():
        assert job["options"]["expires"] > 0, name


def test_every_task_file_is_found_by_the_worker() -> None:
    from backend.celery import app

    app.loader.import_default_modules()
    files = [path for package in (alumni, notifications) for path in Path(package.__file__).parent.glob("*/tasks.py")]
    found = {task.rsplit(".", 1)[0] for task in app.tasks}
    assert {f"{path.parts[-3]}.{path.parts[-2]}.tasks" for path in files} <= found


def _sources() -> list[Path]:
    return [
        path
        for folder in ("backend", "alumni", "notifications", "tests", "benchmarks")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]


def test_no_file_grows_past_four_hundred_lines() -> None:
    assert {str(path): n for path in _sources() if (n := len(path.read_text().splitlines())) > 400} == {}


def test_a_file_is_named_after_what_it_holds() -> None:
    assert [str(path) for path in _sources() if path.stem in {"utils", "helpers", "common", "misc", "views2"}] == []


def test_nobody_writes_to_a_mail_server_but_the_mail_room() -> None:
    """One door: the names that open a connection stand in one room (and in the stand-in for a server)."""
    doors = ("import smtplib", "from smtplib", "get_connection(", "EMAIL_HOST")
    rooms = {
        "/".join(path.relative_to(settings.BASE_DIR).parts[:2])
        for path in _sources()
        if path.relative_to(settings.BASE_DIR).parts[0] in {"backend", "alumni", "notifications"}
        if any(door in path.read_text() for door in doors)
    }
    assert rooms <= {"notifications/mail"}
