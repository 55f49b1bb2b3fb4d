"""Files as they come from HR, made in the test."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

HEADERS = (
    "Personeelsnr.;Voornaam;Tussenvoegsel;Achternaam;E-mail privé;Functie;Datum in dienst;Datum uit dienst;"
    "Toestemming;Taal"
)
NATHAN = "1;Nathan;van der;Kamp;nathan@thuis.example;Verpleegkundige;12-02-2020;31-10-2026;ja;nl"
FATIMA = "2;Fatima;;Öztürk;fatima@thuis.example;Data engineer;01-03-2015;28-02-2022;nee;en"


def csv_file(*rows: str, headers: str = HEADERS, encoding: str = "utf-8") -> io.BytesIO:
    """A CSV with these lines."""
    return io.BytesIO("\r\n".join([headers, *rows, ""]).encode(encoding))


def workbook(*rows: Sequence[Any]) -> io.BytesIO:
    """An XLSX with these rows, the first of them the headers."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out
