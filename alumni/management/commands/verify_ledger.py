"""manage.py verify_ledger: the ledger of this database, or an export of it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from alumni.consent import export, ledger, signature, verifier


def _head(path: Path) -> verifier.Head:
    """A head that was kept elsewhere. Raises CommandError when it is none, or was not signed with our key."""
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        (head["seq"], head["hash"], head["time"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} is no head of a ledger: {error}") from error
    if not signature.is_genuine(head, signature.public_key()):
        raise CommandError(f"{path} was not signed with this installation's key, or was changed since.")
    return head


class Command(BaseCommand):
    """Exit code 1, and words, when something is wrong."""

    help = "Verify the consent ledger: this database's, or an export with --export."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--export", type=Path, dest="file", help="check this file instead of the database")
        parser.add_argument("--head", type=Path, help="a head that was kept elsewhere; shows a tail that was cut off")

    def handle(self, *, file: Path | None, head: Path | None, **_options: Any) -> None:
        kept = _head(head) if head else None
        if file is not None and not file.is_file():
            raise CommandError(f"There is no file {file}.")
        lines = verifier.read(file) if file else export.lines()
        report = self._verify(lines, kept, None if file else ledger.head().seq)
        for problem in report.problems:
            self.stderr.write(self.style.ERROR(problem))
        if report.wrong:
            raise CommandError(f"The ledger does not hold together: {report.wrong} wrong in {report.events} events.")
        self.stdout.write(
            f"{report.events} events, {report.blanked} of them without evidence (erased). "
            f"Every event is in its place and unchanged."
        )

    def _verify(
        self, lines: Iterable[dict[str, Any]], head: verifier.Head | None, total: int | None
    ) -> verifier.Report:
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("events", total=total)
            return verifier.verify(lines, head=head, progress=lambda number: bar.update(task, completed=number))
