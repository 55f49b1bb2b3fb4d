"""What a file is, found by itself or said; and what is refused before a row is read."""

import io
import struct
import zipfile
from typing import Any

import pytest

from alumni.joining import columns, reading, workbook
from backend.http.errors import InvalidInput
from tests.alumni.joining.files import FATIMA, HEADERS, NATHAN, csv_file
from tests.alumni.joining.files import workbook as make_workbook

ROWS = [HEADERS, NATHAN, FATIMA]


def read(stream: io.BytesIO, **said: Any) -> tuple[list[str], list[list[Any]]]:
    shape = reading.inspect(stream, **said)
    headers, rows = reading.split_header(reading.rows(stream, shape))
    return headers, [list(cells) for _number, cells in rows]


def refusal(stream: io.BytesIO, **said: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        headers, _rows = read(stream, **said)
        columns.layout(headers)
    return caught.value


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encoding_and_delimiter_are_found(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(ROWS).replace(";", delimiter)
    headers, rows = read(io.BytesIO(text.encode(encoding)))

    assert headers == HEADERS.split(";")
    assert [row[3] for row in rows] == ["Kamp", "Öztürk"]


def test_what_the_caller_says_goes_before_what_is_found() -> None:
    headers, rows = read(csv_file(FATIMA, encoding="iso-8859-15"), encoding="iso-8859-15", delimiter=";")
    assert rows[0][3] == "Öztürk"
    headers, rows = read(csv_file(NATHAN), delimiter=",")
    assert headers == [HEADERS]


def test_headers_may_stand_below_titles_and_a_separator_line() -> None:
    text = "\r\n".join(["sep=;", "Vertrekkers 2026;;;", "", *ROWS])
    stream = io.BytesIO(text.encode())
    headers, rows = reading.split_header(reading.rows(stream, reading.inspect(stream)))

    assert headers == HEADERS.split(";")
    assert [number for number, _cells in rows] == [5, 6]  # as a spreadsheet counts


def test_a_quoted_text_may_hold_delimiters_and_line_breaks() -> None:
    row = '1;"Nathan ""de"" Boer";;"Kamp;Veer";nathan@thuis.example;"eerste\r\ntweede";;;;'
    stream = csv_file(row, NATHAN)
    _headers, rows = reading.split_header(reading.rows(stream, reading.inspect(stream)))
    numbered = list(rows)

    assert numbered[0][1][1:6] == ['Nathan "de" Boer', "", "Kamp;Veer", "nathan@thuis.example", "eerste\r\ntweede"]
    assert [number for number, _cells in numbered] == [2, 3]


def test_a_workbook_is_read_with_its_dates_and_numbers() -> None:
    headers, rows = read(make_workbook(["Naam", "E-mail", "KvK"], [], ["Jan de Wit", "jan@thuis.example", 12345678]))

    assert headers == ["Naam", "E-mail", "KvK"]
    assert rows == [["Jan de Wit", "jan@thuis.example", 12345678]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not_a_table"),
        (b"PK\x03\x04 nothing behind it", "not_a_table"),
        (b"Voornaam;E-mail\r\nJan\x00;jan@thuis.example\r\n", "nul_bytes"),
        (b"Naam;E-mail\r\n\x81\x8d;jan@thuis.example\r\n", "encoding"),
        (b"This is a letter, not a list.\r\nKind regards\r\n", "no_email_column"),
        (b'{"naam": "Jan", "e": 1}', "no_email_column"),
        (b"E-mail;Afdeling\r\njan@thuis.example;HR\r\n", "no_name_column"),
        (b"Naam;E-mail\r\n" + b'"' + b"x" * 200_000 + b'";jan@thuis.example\r\n', "not_a_table"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(content: bytes, code: str) -> None:
    stream = io.BytesIO(content)
    error = refusal(stream) if code != "not_a_table" or len(content) < 1000 else None
    if error is None:
        with pytest.raises(InvalidInput) as caught:
            list(read(stream)[1])
        error = caught.value

    assert error.code == code
    assert error.field == "file"
    assert len(error.message) > 15
    assert "\x00" not in error.message


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"encoding": "ebcdic"}, "unknown_encoding"),
        ({"encoding": "cp1252"}, "encoding"),  # it is UTF-8: Öztürk would become Ã–ztÃ¼rk
        ({"delimiter": "#"}, "unknown_delimiter"),
    ],
)
def test_what_the_caller_says_is_checked(said: dict[str, str], code: str) -> None:
    assert refusal(csv_file(FATIMA), **said).code == code


def test_a_file_that_is_not_in_the_said_encoding_is_refused_where_it_stops() -> None:
    stream = csv_file(NATHAN, FATIMA, encoding="cp1252")
    with pytest.raises(InvalidInput) as caught:
        read(stream, encoding="utf-8")
    assert caught.value.code == "encoding"


def test_one_byte_or_one_row_too_many_is_refused(settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = len(csv_file(NATHAN).getvalue())
    assert len(read(csv_file(NATHAN))[1]) == 1
    settings.IMPORT_MAX_BYTES -= 1
    assert refusal(csv_file(NATHAN)).code == "too_large"


def test_too_many_columns_are_refused() -> None:
    assert refusal(csv_file("x;" * 300)).code == "too_many_columns"


def bomb(entries: dict[str, bytes], **more: Any) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_not_opened() -> None:
    zeros = b"0" * (5 * 1024 * 1024)
    assert refusal(bomb({"xl/workbook.xml": zeros})).code == "zip_bomb"
    assert refusal(bomb({f"xl/{i}.xml": b"" for i in range(workbook.MAX_ENTRIES + 1)})).code == "zip_bomb"


def test_a_list_of_entries_that_would_fill_the_memory_is_not_made() -> None:
    stream = bomb({"xl/workbook.xml": b"x"})
    raw = bytearray(stream.getvalue())
    struct.pack_into("<L", raw, raw.rfind(b"PK\x05\x06") + 12, 40_000_000)
    assert refusal(io.BytesIO(bytes(raw))).code == "zip_bomb"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "xl\\..\\..\\x"])
def test_a_workbook_with_unsafe_names_is_not_opened(name: str) -> None:
    assert refusal(bomb({"xl/workbook.xml": b"x", name: b"x"})).code == "not_a_table"


def test_another_zip_is_no_workbook() -> None:
    assert refusal(bomb({"word/document.xml": b"x"})).code == "not_a_table"


def test_entities_in_a_workbook_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    good = make_workbook(["Naam", "E-mail"], ["Jan de Wit", "jan@thuis.example"])
    out = io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = laughs.encode() + content.replace(b"Jan de Wit", b"&b;")
            new.writestr(name, content)
    assert refusal(out).code == "not_a_table"


def test_a_far_away_cell_makes_no_endless_rows() -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Naam", "E-mail"])
    sheet["XFD3"] = "far away"
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    with pytest.raises(InvalidInput) as caught:
        read(out)
    assert caught.value.code == "too_many_columns"
