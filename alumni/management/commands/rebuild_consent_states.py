"""manage.py rebuild_consent_states: the current consents anew from the ledger."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alumni.consent import projection


class Command(BaseCommand):
    """Mends nothing when all is well. `--check` only says, with exit code 1 when something differs."""

    help = "Rebuild the current state of every consent from the ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare")

    def handle(self, *, check: bool, **_options: Any) -> None:
        seen = differing = 0
        for chunk in projection.rebuild(mend=not check):
            seen, differing = chunk
            if self.stderr.isatty():
                self.stderr.write(f"{seen} members\r", ending="")
        if check and differing:
            raise CommandError(f"{differing} consents of {seen} members differ from the ledger.")
        self.stdout.write(f"{seen} members looked at, {differing} consents {'differ' if check else 'mended'}.")
