"""Bring in a file of leavers or freelancers."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import translation
from django_rich.management import RichCommand
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from alumni.joining import imports
from alumni.joining.models import Import, RowAction
from backend.http.errors import KringError


class Command(RichCommand):
    """Reads the file, then applies it. Bad rows are named and skipped; only an unreadable file is a failure (1)."""

    help = "Import leavers or freelancers from CSV or XLSX. Applies what can be applied; --dry-run only reports."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV (UTF-8, UTF-16, Windows-1252; ; , or tab) or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument(
            "--source",
            default=imports.DEFAULT_SOURCE,
            help="where the list comes from; personnel numbers are unique within one (default: %(default)s)",
        )
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="HEADER=FIELD",
            help="which field a column is, or HEADER=ignore; may be repeated",
        )
        parser.add_argument("--encoding", help="utf-8, utf-16, cp1252 (default: found by itself)")
        parser.add_argument("--delimiter", help="; , | or tab (default: found by itself)")
        parser.add_argument("--kind", choices=imports.KINDS, default="auto", help="what the people in it are")

    def handle(self, *_args: Any, **options: Any) -> None:
        with translation.override("en"):  # an operator's command, in one language throughout
            self._bring_in(options)

    def _bring_in(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        mapping = dict(_pair(text) for text in options["map"])
        try:
            with path.open("rb") as stream, self._bar() as bar:
                reading = bar.add_task("Reading", total=None)
                batch = imports.stage(
                    source=options["source"],
                    filename=path.name,
                    stream=stream,
                    by=None,
                    mapping=mapping,
                    encoding=options["encoding"],
                    delimiter=options["delimiter"],
                    kind=options["kind"],
                    progress=lambda rows: bar.advance(reading, rows),
                )
                bar.update(reading, total=batch.total, completed=batch.total)
                if not options["dry_run"]:
                    writing = bar.add_task("Writing", total=batch.total - batch.counts.get(RowAction.ERROR, 0))
                    imports.apply(batch=batch, progress=lambda rows: bar.advance(writing, rows))
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
        except KringError as error:
            raise CommandError(f"Cannot read {path.name}: {error.message}") from error
        self._report(batch, is_dry_run=options["dry_run"])
        if options["dry_run"]:
            imports.forget(batch=batch)

    def _bar(self) -> Progress:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        return Progress(*columns, console=self.console, disable=not self.console.is_terminal, transient=True)

    def _report(self, batch: Import, *, is_dry_run: bool) -> None:
        for remark in batch.remarks:
            self._say(f"Column {remark['column']}: {remark['message']}")
        for row in batch.rows.filter(action=RowAction.ERROR).order_by("line").iterator():
            for error in row.errors:
                self._say(f"Row {row.line}, {error['column']}: {error['message']}")
        counts = {RowAction(action).label: number for action, number in sorted(batch.counts.items())}
        listed = ", ".join(f"{label} {number}" for label, number in counts.items()) or "nothing"
        verb = "would do" if is_dry_run else "did"
        self._say(f"{batch.total} rows; {verb}: {listed}.")
        if is_dry_run:
            self._say("Dry run: nothing was changed.")

    def _say(self, line: str) -> None:
        # Whole lines, never wrapped: they are read by programs too. What a file says is no markup.
        self.console.print(escape(line), soft_wrap=True, highlight=False)


def _pair(text: str) -> tuple[str, str]:
    header, equals, field = text.rpartition("=")
    if not equals or not header:
        raise CommandError(f"--map wants HEADER=FIELD, not {text!r}.")
    return header, field.strip()
