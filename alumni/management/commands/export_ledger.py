"""manage.py export_ledger: the whole ledger as JSON lines, and its signed head."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from alumni.consent import export, ledger


class Command(BaseCommand):
    """Writes FILE, and beside it the head. Keep that elsewhere: only it shows a tail that was cut off later."""

    help = "Export the consent ledger as JSON lines, with its signed head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, help="where to write; without it, to standard output")
        parser.add_argument(
            "--without-evidence", action="store_true", help="leave out browser, network and keyed hash of the address"
        )

    def handle(self, *, output: Path | None, without_evidence: bool, **_options: Any) -> None:
        head = ledger.head()
        lines = export.lines(head=head, evidence=not without_evidence)
        if output is None:
            for line in lines:
                sys.stdout.write(export.as_text(line))
            return
        with output.open("w", encoding="utf-8") as file:
            file.writelines(export.as_text(line) for line in lines)
        kept = output.with_suffix(".head.json")
        kept.write_text(json.dumps(export.signed_head(head), indent=1) + "\n", encoding="utf-8")
        self.stdout.write(f"{head.seq} events in {output}; the head in {kept}: keep it elsewhere.")
