"""Single values as people write them in exports, made into ours.

Pure; each raises InvalidInput on what it can't read.
"""

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from alumni.members import countries
from backend.http.errors import InvalidInput

# What people write in a cell that has nothing to say.
NOTHING = frozenset({"", "-", "--", "n.v.t.", "nvt", "n/a", "geen", "none", "null", "onbekend", "unknown", "s.o."})
YES = frozenset({"ja", "j", "yes", "y", "oui", "true", "waar", "vrai", "1", "akkoord"})
NO = frozenset({"nee", "neen", "n", "no", "non", "false", "onwaar", "faux", "0"})
AT_ONCE = frozenset(
    {
        "per direct",
        "direct",
        "per heden",
        "nu",
        "meteen",
        "z.s.m.",
        "zsm",
        "now",
        "immediately",
        "asap",
        "immédiatement",
    }
)
# What a workbook shows where a formula failed.
BROKEN = frozenset({"#N/A", "#N/B", "#REF!", "#VERW!", "#VALUE!", "#WAARDE!", "#NAME?", "#NAAM?", "#DIV/0!", "#NUM!"})
# Words with a slash that are one skill.
_COMPOUNDS = re.compile(r"\b(CI/CD|PL/SQL|TCP/IP|A/B|UI/UX|UX/UI|AS/400|OS/2|SAP R/3|z/OS)\b", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
_RATE_WORDS = re.compile(
    r"€|eur|euro|excl(?:usief)?\.?|ex\.?|btw|vat|tva|ht|hors|per|uur|hour|dag|day|heure|jour|p/?u|p/?d|/|-|–|à|a|tot|to|t/m|\s|,-|\."
)
_HOUR_WORDS = re.compile(r"uur|uren|hours?|heures?|per|week|p/?w|/|-|–|tot|to|à|a|t/m|\s|\.")
# A formula, or what a spreadsheet would take for one: a sign and then more than a number.
_FORMULA = re.compile(r"[=@]|[+\-][^=]*[=(|!]")
# Days are numbers in a workbook whose cells lost their format: from 1954 to 2119.
_SERIALS = range(20_000, 80_000)
_EPOCH = dt.date(1899, 12, 30)
# UTF-8 that somebody read as Windows-1252: é became Ã©.
_MOJIBAKE = re.compile("[ÃÂÅÄ][\u0080-\u00bf\u2018-\u203a€™œžŸ]")


def shown(value: Any) -> str:
    """What stood in the cell, short and printable, to say it back."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= 60 else text[:59] + "…"


def text(value: Any) -> str:
    """A cell as text: whole numbers without `.0`, and without the `'` that a spreadsheet export puts before signs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    line = str(value).strip()
    return line[1:] if line[:1] == "'" and line[1:2] in {"=", "+", "-", "@", "\t", "\r"} else line


def is_formula(value: Any) -> bool:
    """Whether a cell holds something to be computed. Openpyxl has objects for array formulas."""
    if isinstance(value, str):
        return bool(_FORMULA.match(text(value)))
    return value is not None and not isinstance(value, int | float | Decimal | dt.date | dt.time | dt.timedelta)


def is_nothing(line: str) -> bool:
    """Whether a cell says that there is nothing to say."""
    return line.casefold() in NOTHING


def refuse_lost_letters(line: str) -> None:
    """Raise InvalidInput `lost_characters` where letters went lost on the way: ?eyma, Ã©."""
    if "?" in line or "\ufffd" in line or _MOJIBAKE.search(line):
        raise InvalidInput(
            _("“%s”: letters were lost. Export the list as UTF-8 or XLSX, or type the name again.") % shown(line),
            code="lost_characters",
        )


def _bad_date(value: Any, code: str = "date") -> InvalidInput:
    message = _("“%s”: this day does not exist. Write for example 28-02-2027.") % shown(value)
    return InvalidInput(message, code=code)


def date(value: Any) -> dt.date | None:
    """A day: d-m-Y, d/m/Y, Y-m-d, a date of a workbook, or its number. None for nothing."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and int(value) in _SERIALS:
        return _EPOCH + dt.timedelta(days=int(value))
    line = text(value)
    if is_nothing(line):
        return None
    if found := _DAY_FIRST.fullmatch(line):
        day, month, year = map(int, found.groups())
    elif found := _YEAR_FIRST.fullmatch(line):
        year, month, day = map(int, found.groups()[:3])
    else:
        raise _bad_date(value)
    try:
        made = dt.date(year, month, day)
    except ValueError as error:
        raise _bad_date(value) from error
    if not 1900 <= year <= 2100:
        raise _bad_date(value)
    return made


def availability(value: Any) -> str | None:
    """From when somebody can start: an ISO date, `now` for at once, None for nothing."""
    if isinstance(value, str) and text(value).casefold() in AT_ONCE:
        return "now"
    day = date(value)
    return day.isoformat() if day else None


def _number(digits: str) -> Decimal:
    """1.250,00 and 1,250.00 and 82,5 and 1.250."""
    comma, point = digits.rfind(","), digits.rfind(".")
    decimal = "," if comma > point else "."
    if min(comma, point) < 0 and max(comma, point) >= 0:
        # One kind of mark only: three digits behind it make thousands.
        tail = len(digits) - max(comma, point) - 1
        decimal = decimal if tail != 3 and digits.count(decimal) == 1 else ""
    whole = "".join(c for c in digits if c.isdigit() or c == decimal)
    return Decimal(whole.replace(",", "."))


def _range(value: Any, words: re.Pattern[str]) -> tuple[Decimal, Decimal] | None:
    """Lowest and highest of one or two numbers with only known words around them. Raises ValueError otherwise."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        return number, number
    line = unicodedata.normalize("NFKC", text(value)).casefold()
    if is_nothing(line):
        return None
    numbers = [_number(found) for found in _NUMBER.findall(line)]
    if len(numbers) not in {1, 2} or words.sub("", _NUMBER.sub("", line)):
        raise ValueError
    return numbers[0], numbers[-1]


def rate(value: Any) -> tuple[Decimal, Decimal] | None:
    """(lowest, highest) rate excluding VAT: 85, `€ 110,00`, `90 excl. btw`, `80 - 95`."""
    try:
        found = _range(value, _RATE_WORDS)
        return found and (found[0].quantize(Decimal("0.01")), found[1].quantize(Decimal("0.01")))
    except (ValueError, InvalidOperation) as error:
        message = _("“%s”: write the rate excluding VAT as a number, like 85 or 80-95.") % shown(value)
        raise InvalidInput(message, code="rate") from error


def hours(value: Any) -> tuple[int, int] | None:
    """(least, most) hours a week: 36, `24-32`, `32 uur`."""
    try:
        found = _range(value, _HOUR_WORDS)
        return found and (int(found[0]), int(found[1]))
    except (ValueError, InvalidOperation) as error:
        message = _("“%s”: write the hours a week as a number, like 32 or 24-32.") % shown(value)
        raise InvalidInput(message, code="hours") from error


def yes_or_no(value: Any) -> bool | None:
    """Whether a cell says yes; None when it says neither."""
    word = text(value).casefold().rstrip(".")
    return True if word in YES else False if word in NO else None


def skills(value: Any) -> list[str]:
    """The skills in a cell, parted by whichever of ; line break | , / comes first in that order."""
    line = text(value)
    if is_nothing(line):
        return []
    shielded = _COMPOUNDS.sub(lambda found: found[0].replace("/", "\x00"), line)
    mark = next((mark for mark in (";", "\n", "|", ",", "/") if mark in shielded), ";")
    parts = (part.replace("\x00", "/").strip() for part in shielded.split(mark))
    return [part for part in parts if part]


def country(value: Any) -> str | None:
    """An ISO code by code or name. Raises InvalidInput `country`."""
    line = text(value)
    if is_nothing(line):
        return None
    code = countries.code_of(line)
    if code is None:
        message = _("“%s”: we do not know this country. Write its code of two letters, like NL or BE.") % shown(value)
        raise InvalidInput(message, code="country")
    return code


_LANGUAGES = {
    "nl": "nl", "nld": "nl", "dut": "nl", "nederlands": "nl", "dutch": "nl", "neerlandais": "nl", "vlaams": "nl",
    "en": "en", "eng": "en", "engels": "en", "english": "en", "anglais": "en",
    # Not among ours yet: English is the nearest that most of them read.
    "fr": "en", "fra": "en", "frans": "en", "french": "en", "francais": "en", "de": "en", "deu": "en", "duits": "en",
    "german": "en", "allemand": "en",
}  # fmt: skip


def language(value: Any) -> str | None:
    """nl or en, by code (nl, nl-BE), or name. Raises InvalidInput `language`."""
    line = text(value)
    if is_nothing(line):
        return None
    plain = "".join(c for c in unicodedata.normalize("NFKD", line.casefold()) if not unicodedata.combining(c))
    found = _LANGUAGES.get(plain) or _LANGUAGES.get(re.split(r"[-_]", plain)[0])
    if found is None:
        message = _("“%s”: we do not know this language. Write nl or en.") % shown(value)
        raise InvalidInput(message, code="language")
    return found
