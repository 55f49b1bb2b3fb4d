"""XLSX: a zip of XML from strangers. Guarded before it is opened, then read as a stream."""

import itertools
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

from backend.http.errors import InvalidInput

MAX_UNPACKED_BYTES = 100 * 1024 * 1024
MAX_ENTRIES = 1000
MAX_DIRECTORY_BYTES = MAX_ENTRIES * 400
MAX_RATIO = 100
# What openpyxl raises on parts that are not what they should be.
DAMAGED = (
    zipfile.BadZipFile,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    zlib.error,
)
# A small part may pack well without harm.
RATIO_COUNTS_FROM = 1024 * 1024


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, field="file")


def _is_bomb(entries: list[zipfile.ZipInfo]) -> bool:
    """zipfile never unpacks more of an entry than it declares, so the declared sizes can be trusted as limits."""
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    return (
        len(entries) > MAX_ENTRIES
        or unpacked > MAX_UNPACKED_BYTES
        or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(packed, 1))
        or any(
            entry.file_size > RATIO_COUNTS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
            for entry in entries
        )
    )


def _directory_bytes(stream: BinaryIO) -> int:
    """How long the list of entries is by the record at the end of the zip (and its 64-bit twin before it)."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 65_635))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise zipfile.BadZipFile
    (length,) = struct.unpack_from("<L", tail, at + 12)
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        (length,) = struct.unpack_from("<Q", tail, at - 76 + 40)
    return int(length)


def check(stream: BinaryIO) -> None:
    """Raise InvalidInput for what is no workbook, or would unpack to far more than it is. Unpacks nothing."""
    try:
        # zipfile makes an object of every entry, so the length of the list is looked at first.
        is_endless = _directory_bytes(stream) > MAX_DIRECTORY_BYTES
        entries = [] if is_endless else zipfile.ZipFile(stream).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise _refused("not_a_table", _("This file is damaged. Save it again as XLSX.")) from error
    if is_endless or _is_bomb(entries):
        raise _refused("zip_bomb", _("This workbook unpacks to too much. Save the list alone in a new workbook."))
    names = {entry.filename for entry in entries}
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        raise _refused("not_a_table", _("This workbook holds unsafe names. Save it again as XLSX."))
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise _refused("not_a_table", _("This workbook is protected with a password. Save it without one."))
    if "xl/workbook.xml" not in names:
        raise _refused("not_a_table", _("This is a zip file but no workbook. Export the list as CSV or XLSX."))


def _blank(cells: Sequence[Any]) -> bool:
    return all(cell is None for cell in cells)


def _cells(book: Workbook) -> Iterator[Sequence[Any]]:
    for sheet in book.worksheets:
        # The size that a sheet declares is a claim: believed, one far cell would pad every row.
        sheet.reset_dimensions()
        source = sheet.iter_rows(values_only=True)
        for above, cells in enumerate(source):
            if not _blank(cells):
                yield from itertools.repeat((), above)  # so that rows keep their numbers
                yield cells
                yield from source
                return


def rows(stream: BinaryIO) -> Iterator[Sequence[Any]]:
    """The cells of the first sheet that holds anything, row by row. A formula is the text that begins with `=`."""
    try:
        book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        try:
            yield from _cells(book)
        finally:
            book.close()
    except DefusedXmlException as error:
        raise _refused("not_a_table", _("This workbook holds XML entities. Save it again as XLSX.")) from error
    except DAMAGED as error:
        raise _refused("not_a_table", _("This file is damaged. Save it again as XLSX.")) from error
