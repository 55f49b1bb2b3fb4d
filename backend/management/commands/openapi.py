"""`manage.py openapi`: writes docs/openapi.json, or says that it is out of date."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend import openapi


class Command(BaseCommand):
    """The committed document shows in each diff what a change means for those who call us."""

    help = "Write docs/openapi.json; with --check only see whether it is what the code says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        file = settings.BASE_DIR / "docs" / "openapi.json"
        if not check:
            file.write_bytes(openapi.as_json())
        elif not file.exists() or file.read_bytes() != openapi.as_json():
            raise CommandError("docs/openapi.json is not what the code says. Run: manage.py openapi")
