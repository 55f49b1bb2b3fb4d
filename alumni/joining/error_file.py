"""The bad rows of an import as CSV, to mend them beside the file. No cell of it starts a formula anywhere."""

import csv
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from alumni.joining.models import Import, RowAction

BOM = "\ufeff"  # else Excel reads UTF-8 as Windows-1252
# What spreadsheets take for the beginning of a formula, full-width forms included (OWASP ASVS 5.0, 1.2.10).
_STARTS_A_FORMULA = frozenset("=+-@\t\r\x00＝＋－＠")


def safe_cell(value: Any) -> str:
    """A cell that shows as text: with `'` before whatever a spreadsheet would compute. Our own import takes it off."""
    text = str(value).replace("\x00", "")
    return f"'{text}" if text[:1] in _STARTS_A_FORMULA else text


class _Echo:
    """What csv.writer writes to when the lines themselves are wanted."""

    def write(self, line: str) -> str:
        return line


def lines(batch: Import) -> Iterator[str]:
    """The file line by line (RFC 4180): row, column, code, message. Memory does not grow with the number of rows."""
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow([_("row"), _("column"), _("code"), _("what is wrong")])
    bad = batch.rows.filter(action=RowAction.ERROR).order_by("line").values_list("line", "errors")
    for line, errors in bad.iterator(chunk_size=500):
        for error in errors:
            yield writer.writerow([line, *(safe_cell(error[name]) for name in ("column", "code", "message"))])
