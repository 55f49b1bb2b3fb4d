"""Files of leavers as rows of cells: CSV in the encodings and dialects that exports come in, and XLSX.

Reads as a stream, so memory does not grow with the file, and trusts nothing: a file that is not what it says is refused
with what is wrong and how to mend it (InvalidInput on the field `file`).
"""

import codecs
import csv
import hashlib
import io
import itertools
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from alumni.joining import workbook
from alumni.joining.columns import recognised
from backend.http.errors import InvalidInput

CHUNK = 1024 * 1024
SAMPLE = 64 * 1024
MAX_COLUMNS = 200
# Titles may stand above the headers, but not endlessly.
HEADER_WITHIN = 10
DELIMITERS = (";", ",", "\t", "|")
# What a caller may name, and the codec that it means.
ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "cp1252": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
    "latin-1": "latin-1",
    "iso-8859-15": "iso-8859-15",
}
# Bytes that mean nothing in Windows-1252.
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
_OTHER_FORMATS = {
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"\x1f\x8b": "GZIP",
    b"Rar!": "RAR",
    b"7z\xbc\xaf": "7Z",
}

Cell = Any  # str, int, float, Decimal, bool, datetime or None


@dataclass(frozen=True)
class Shape:
    """What a file turned out to be. `codec` and `delimiter` are empty for a workbook; `sha256` is of its bytes."""

    format: str
    codec: str
    delimiter: str
    sha256: str
    size: int


def refused(code: str, message: str) -> InvalidInput:
    """The file itself is at fault."""
    return InvalidInput(message, code=code, field="file")


@dataclass
class _Scan:
    """What one pass over the bytes tells."""

    size: int = 0
    is_utf8: bool = True
    is_ascii: bool = True
    is_cp1252: bool = True
    nul_bytes: int = 0
    digest: Any = None
    sample: bytes = b""


def _scan(stream: BinaryIO) -> _Scan:
    found = _Scan(digest=hashlib.sha256())
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    while block := stream.read(CHUNK):
        found.size += len(block)
        if found.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise refused("too_large", _("This file is larger than %d MB. Split it into parts.") % limit)
        found.digest.update(block)
        if len(found.sample) < SAMPLE:
            found.sample += block[: SAMPLE - len(found.sample)]
        found.nul_bytes += block.count(0)
        found.is_ascii = found.is_ascii and block.isascii()
        found.is_cp1252 = found.is_cp1252 and not any(byte in block for byte in _NOT_CP1252)
        found.is_utf8 = found.is_utf8 and _decodes(decoder, block)
    found.is_utf8 = found.is_utf8 and _decodes(decoder, b"", final=True)
    return found


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_of(found: _Scan) -> str:
    """The UTF-16 codec that a sample asks for, or an empty string. Latin text has a NUL in every second byte."""
    if found.sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    half = len(found.sample) // 2
    for codec, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        if half and found.sample[offset::2].count(0) > 0.6 * half and found.sample[1 - offset :: 2].count(0) == 0:
            return codec
    return ""


def _codec(found: _Scan, asked: str | None) -> str:
    if asked:
        return _asked_codec(found, asked)
    if utf16 := _utf16_of(found):
        return utf16
    if found.nul_bytes:
        raise refused("nul_bytes", _("This file holds NUL bytes, so it is no CSV. Export it again as CSV or XLSX."))
    if found.is_utf8:
        return "utf-8-sig"
    if found.is_cp1252:
        return "cp1252"
    raise refused(
        "encoding", _("This file is neither UTF-8 nor Windows-1252. Export it as UTF-8, or say which encoding it has.")
    )


def _asked_codec(found: _Scan, asked: str) -> str:
    codec = ENCODINGS.get(asked.strip().lower().replace("_", "-"))
    if codec is None:
        raise InvalidInput(
            _("We do not know the encoding “%(asked)s”. Known: %(known)s.")
            % {"asked": asked[:40], "known": ", ".join(ENCODINGS)},
            code="unknown_encoding",
            field="encoding",
        )
    utf16 = _utf16_of(found)
    if found.nul_bytes and codec != "utf-16" and not utf16:
        raise refused("nul_bytes", _("This file holds NUL bytes, so it is no CSV. Export it again as CSV or XLSX."))
    is_single_byte = codec not in {"utf-16", "utf-8-sig"}
    if (utf16 and codec != "utf-16") or (is_single_byte and found.is_utf8 and not found.is_ascii):
        real = "UTF-16" if utf16 else "UTF-8"
        raise refused("encoding", _("This file is %(real)s, not %(asked)s.") % {"real": real, "asked": asked[:40]})
    return utf16 if codec == "utf-16" and utf16 else codec


def _delimiter(sample: bytes, codec: str, asked: str | None) -> str:
    if asked:
        asked = {"tab": "\t", "\\t": "\t"}.get(asked.lower(), asked)
        if asked not in DELIMITERS:
            raise InvalidInput(_("A delimiter is one of ; , | or tab."), code="unknown_delimiter", field="delimiter")
        return asked
    text = codecs.getincrementaldecoder(codec)("replace").decode(sample)
    lines = text.splitlines(keepends=True)[: HEADER_WITHIN * 2]

    def fit(delimiter: str) -> tuple[int, int]:
        rows = list(itertools.islice(csv.reader(lines, delimiter=delimiter), HEADER_WITHIN))
        return max(map(recognised, rows), default=0), max(map(len, rows), default=0)

    return max(DELIMITERS, key=fit)


def inspect(stream: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None) -> Shape:
    """Find out what a file is, in one pass over it. `stream` must be seekable. Raises InvalidInput."""
    found = _scan(stream)
    digest = found.digest.hexdigest()
    if not found.sample.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        raise refused("empty", _("This file is empty."))
    for magic, name in _OTHER_FORMATS.items():
        if found.sample.startswith(magic):
            raise refused("not_a_table", _("This is a %s file. Export the list as CSV or XLSX.") % name)
    if found.sample.startswith(b"PK"):
        stream.seek(0)
        workbook.check(stream)
        return Shape(format="xlsx", codec="", delimiter="", sha256=digest, size=found.size)
    codec = _codec(found, encoding)
    return Shape(
        format="csv", codec=codec, delimiter=_delimiter(found.sample, codec, delimiter), sha256=digest, size=found.size
    )


@contextmanager
def _text(stream: BinaryIO, codec: str) -> Iterator[io.TextIOWrapper]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=codec, newline="")
    try:
        yield text
    finally:
        with suppress(ValueError):  # the caller has closed it already
            text.detach()  # and else it stays open


def _csv_rows(stream: BinaryIO, shape: Shape) -> Iterator[Sequence[Cell]]:
    line = 0
    with _text(stream, shape.codec) as text:
        try:
            for row in csv.reader(text, delimiter=shape.delimiter):
                line += 1
                yield row
        except UnicodeDecodeError as error:
            message = _("After row %(row)d this file can not be read as %(codec)s. Say which encoding it has.")
            raise refused("encoding", message % {"row": line, "codec": shape.codec}) from error
        except csv.Error as error:
            message = _("After row %d this file is no CSV any more. A quotation mark may be missing.") % line
            raise refused("not_a_table", message) from error


def rows(stream: BinaryIO, shape: Shape) -> Generator[tuple[int, Sequence[Cell]], None, None]:
    """(number that a spreadsheet shows beside the row, its cells) for every row that is not blank."""
    source: Iterable[Sequence[Cell]]
    if shape.format == "xlsx":
        stream.seek(0)
        source = workbook.rows(stream)
    else:
        source = _csv_rows(stream, shape)
    count = 0
    for number, cells in enumerate(source, 1):
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        if len(cells) > MAX_COLUMNS:
            raise refused("too_many_columns", _("Row %d has more than 200 columns. Export fewer.") % number)
        count += 1
        if count > settings.IMPORT_MAX_ROWS + HEADER_WITHIN:
            message = _("This file has more than %d rows. Split it into parts.") % settings.IMPORT_MAX_ROWS
            raise refused("too_many_rows", message)
        yield number, cells


def split_header(
    source: Iterator[tuple[int, Sequence[Cell]]],
) -> tuple[list[str], Iterator[tuple[int, Sequence[Cell]]]]:
    """(the headers, the rows below them). The headers are the row among the first ten with the most known names."""
    first = list(itertools.islice(source, HEADER_WITHIN))
    texts = [["" if cell is None else str(cell).strip() for cell in cells] for _number, cells in first]
    best = max(range(len(first)), key=lambda i: (recognised(texts[i]), -i), default=None)
    if best is None:
        raise refused("empty", _("This file is empty."))
    return texts[best], itertools.chain(first[best + 1 :], source)
