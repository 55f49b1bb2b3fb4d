"""A vacancy feed (the CSV that advertisement networks take) as clean rows. Pure: no database.

Columns, by the names of Google's feed for jobs: Job ID, Title and Final URL must be there; Location ID, Subtitle,
Description, Salary, Category, Contextual keywords and Address may be. One vacancy per Job ID: the same id at a second
place is the same vacancy, at both places.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext as _

from backend.http.errors import InvalidInput
from notifications.posts import keywords
from notifications.posts.models import HoldReason
from notifications.posts.titles import whole_title

NEEDED = ("Job ID", "Title", "Final URL")
# Marks of the advertisement that a reader came by; they are nobody's business here.
TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id", re.I)
AMOUNT = re.compile(r"\d{1,3}(?:[. ]\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?(?!\d)")
# Words of a period in the pay itself; else the period is the default of the source.
PERIODS = {"hour": r"uur|hour|heure", "month": r"maand|month|mois", "year": r"jaar|year|annum|an\b"}
# No job pays its most experienced three times its least: one of the two figures lacks a digit.
WIDEST = 3


@dataclass(frozen=True)
class Pay:
    """A range of gross pay; `unit` is empty when the text does not say."""

    min: Decimal
    max: Decimal
    unit: str = ""

    @property
    def is_odd(self) -> bool:
        """Whether one of the two figures looks mistyped."""
        return self.max > WIDEST * self.min


@dataclass(frozen=True)
class Vacancy:
    """One vacancy of the feed. `line` is of its first row; `sha256` of what the rows said, tracking marks left out."""

    line: int
    job_id: str
    title: str
    url: str
    summary: str
    places: tuple[str, ...]
    country: str
    pay: Pay | None
    skills: tuple[str, ...]
    sha256: str

    @property
    def hold_reason(self) -> str:
        """Why it can't go out as it is, else empty."""
        if self.pay is None:
            return HoldReason.NO_PAY
        if self.pay.is_odd:
            return HoldReason.ODD_PAY
        return "" if self.url else HoldReason.NO_LINK


@dataclass(frozen=True)
class Feed:
    """`ids`: every id that the file names, also of rows that are wrong. `errors`: [(line, sentence)]."""

    vacancies: tuple[Vacancy, ...]
    ids: frozenset[str]
    rows: int
    errors: tuple[tuple[int, str], ...]
    findings: tuple[str, ...] = field(default=())


def read(data: bytes) -> Feed:
    """Parse a feed. Raises InvalidInput (field `file`) for what is none; a wrong row is an error of its own."""
    rows = _rows(data)
    if not rows:
        raise _refused("empty", _("This feed holds no vacancies. Nothing was changed."))
    listed = [_split(row.get("Contextual keywords", "")) for _line, row in rows]
    places = {place for _line, row in rows for place in _places(row)}
    noise, names = keywords.noise_words(listed, places), keywords.spellings(listed)
    said = Counter(row["Description"] for _line, row in rows if row.get("Description"))
    boilerplate = {text for text, n in said.items() if n >= max(2, keywords.NEARLY_EVERY * len(rows))}

    found: dict[str, Vacancy] = {}
    errors: list[tuple[int, str]] = []
    findings: list[str] = []
    for (line, row), words in zip(rows, listed, strict=True):
        job_id, title = row["Job ID"], row["Title"]
        if not job_id or not title:
            errors.append((line, _("There is no %s.") % ("Job ID" if not job_id else "Title")))
            continue
        vacancy = Vacancy(
            line=line,
            job_id=job_id,
            title=whole_title(
                title, url=row["Final URL"], kinds=[row.get("Subtitle", ""), row.get("Category", "")], keywords=words
            ),
            url=without_tracking(row["Final URL"]),
            summary="" if row.get("Description", "") in boilerplate else row.get("Description", ""),
            places=_places(row),
            country=_country(row),
            pay=pay_of(row.get("Salary", "")),
            skills=tuple(keywords.skills_of(words, noise=noise, names=names)),
            sha256=_sha256(row, words),
        )
        if (first := found.get(job_id)) is not None:
            findings.append(
                _("Lines %(a)d and %(b)d are one vacancy, %(id)s.") % {"a": first.line, "b": line, "id": job_id}
            )
        found[job_id] = vacancy if first is None else _joined(first, vacancy)
    return Feed(
        vacancies=tuple(found.values()),
        ids=frozenset(row["Job ID"] for _line, row in rows if row["Job ID"]),
        rows=len(rows),
        errors=tuple(errors),
        findings=tuple(findings),
    )


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code, field="file")


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """[(line, {column: text})]; needed columns are always there, texts on one line and without blanks around them."""
    if len(data) > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        raise _refused("too_large", _("This file is larger than %d MB. Split it into parts.") % limit)
    if b"\x00" in data:
        raise _refused("nul_bytes", _("This file holds NUL bytes, so it is no CSV. Export it again as CSV in UTF-8."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="")
    missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
    if missing:
        raise _refused("columns", _("This is no vacancy feed: it has no column %s.") % ", ".join(missing))
    try:
        return [
            (reader.line_num, {name: " ".join(str(value).split()) for name, value in row.items() if name is not None})
            for row in reader
            if any(value for name, value in row.items() if name is not None)
        ]
    except csv.Error as error:
        message = _("Line %(line)d is no CSV. Export the file again.") % {"line": reader.line_num}
        raise _refused("not_csv", message) from error


def _split(text: str) -> list[str]:
    return [word.strip() for word in text.split(";") if word.strip()]


def _places(row: dict[str, str]) -> tuple[str, ...]:
    address = row.get("Address", "").split(",")[0].strip()
    place = address or row.get("Location ID", "")
    return (place[:100],) if place else ()


def _country(row: dict[str, str]) -> str:
    last = row.get("Address", "").rpartition(",")[2].strip()
    return last.upper() if re.fullmatch("[A-Za-z]{2}", last) else "NL"


def without_tracking(url: str) -> str:
    """The address without the marks of advertisements; empty when it is no address of the web."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(url) > 500:
        return ""
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if not TRACKING.fullmatch(name)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _decimal(text: str) -> Decimal:
    plain = text.replace(" ", "")
    if re.search(r"[.,]\d{3}(\D|$)", plain):
        plain = re.sub(r"[.,](?=\d{3}(\D|$))", "", plain)
    return Decimal(plain.replace(",", "."))


def pay_of(text: str) -> Pay | None:
    """'€5686-€6569' is a range, '€10722' a fixed pay; None where no amount is named ('marktconform')."""
    amounts = [_decimal(amount) for amount in AMOUNT.findall(text.replace("\u00a0", " "))]
    amounts = [amount for amount in amounts if Decimal(0) < amount < Decimal(10_000_000)][:2]
    if not amounts:
        return None
    unit = next((unit for unit, words in PERIODS.items() if re.search(words, text, re.I)), "")
    return Pay(min=min(amounts), max=max(amounts), unit=unit)


def _sha256(row: dict[str, str], words: Iterable[str]) -> str:
    """Of what the vacancy rests on; the order of keywords, pictures and similar vacancies change by themselves."""
    columns = ("Title", "Subtitle", "Description", "Salary", "Category", "Address", "Location ID")
    said = {name: row.get(name, "") for name in columns}
    said |= {"url": without_tracking(row["Final URL"]), "keywords": " ; ".join(sorted(set(words)))}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _joined(first: Vacancy, second: Vacancy) -> Vacancy:
    """The same vacancy at one more place, with the widest pay."""
    pays = [vacancy.pay for vacancy in (first, second) if vacancy.pay is not None]
    pay = Pay(min(p.min for p in pays), max(p.max for p in pays), pays[0].unit) if pays else None
    return replace(
        first,
        places=tuple(dict.fromkeys([*first.places, *second.places])),
        pay=pay,
        skills=tuple(dict.fromkeys([*first.skills, *second.skills])),
        sha256=hashlib.sha256((first.sha256 + second.sha256).encode()).hexdigest(),
    )
