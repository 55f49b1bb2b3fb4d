"""`manage.py publish_notices`: publish the default notices with the company's data filled in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alumni.consent.notices import publish_defaults
from backend.http.errors import KringError


class Command(BaseCommand):
    """An entrance to `alumni.consent.notices`."""

    help = "Publish the default notices (nl, en), the company's data frozen in them. Unchanged ones stay as they are."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            published = publish_defaults()
        except KringError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Published: {', '.join(str(notice) for notice in published) or 'nothing new'}.")
