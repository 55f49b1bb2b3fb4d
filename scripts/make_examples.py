"""Makes examples/leavers.csv and examples/freelancers.xlsx: exports as messy as real ones, of people who do not exist.

    .venv/bin/python scripts/make_examples.py

The same files every time. The leavers come as HR systems export them: Windows-1252, `;`, Dutch headers, d-m-Y dates;
letters lost on the way, formulas, a forged header, wrong addresses and dates, the same row twice, one person with two
employments. The freelancers come as people keep them: rates and skills in free text, dates in three ways.
"""

import csv
import datetime as dt
import io
import random
import zipfile
from pathlib import Path

from openpyxl import Workbook
from stdnum.iso7064 import mod_97_10

FOLDER = Path(__file__).resolve().parent.parent / "examples"
LEAVERS, FREELANCERS = 240, 64
GIVEN = (
    *("Noor", "Sanne", "Lotte", "Femke", "Iris", "Roos", "Anouk", "Merel", "Jasmijn", "Floor", "Esmée", "Chloé"),
    *("Zoë", "Fatima", "Amina", "Yasmin", "Aaliyah", "Hanna", "Ilse", "Marit", "Daan", "Bram", "Thijs", "Sem", "Lars"),
    *("Ruben", "Stijn", "Joris", "Teun", "Koen", "Gijs", "Pieter", "Jan-Willem", "Anne-Fleur", "Mehmet", "Ibrahim"),
    *("Yusuf", "Rayan", "Dylan", "Kevin", "José", "André", "Björn", "Jürgen", "Søren", "Cas", "Hidde", "Wout", "Tijn"),
)
FAMILY = (
    *("Bakker", "Visser", "Smit", "Mulder", "Bos", "Vos", "Peters", "Hendriks", "Dekker", "Brouwer", "Koster", "Prins"),
    *("Huisman", "Peeters", "Kuipers", "Willems", "Jansen", "Hoekstra", "Aerts", "Maes", "Claes", "El-Amrani"),
    *("Yildiz", "Müller", "García", "Peña-Çelik", "Öztürk", "Linden", "Berg", "Dam", "Meer", "Veen", "Dijk", "Heuvel"),
    *("Broek", "Kamp", "Wal", "Beek", "Horst", "Ven", "Leek", "Poel", "Steen", "Laan", "Hof"),
)
PARTICLES = ("", "", "", "", "van", "van de", "van der", "van den", "de", "ter", "van 't")
# Names that Windows-1252 cannot hold: their letters are lost in such an export.
LOST = (("Şeyma", "Yılmaz"), ("Đorđe", "Kovačević"), ("Łukasz", "Wiśniewski"))
JOBS = {
    "ICT": ("Systeembeheerder", "Java-ontwikkelaar", "Functioneel beheerder", "Product owner", "Python-ontwikkelaar"),
    "Data & Analytics": ("Data engineer", "Data-analist", "BI-specialist"),
    "Waterbeheer": ("Hydroloog", "Peilbeheerder", "Adviseur waterkwaliteit", "Technicus gemalen"),
    "Communicatie": ("Tekstschrijver", "Communicatieadviseur"),
    "Finance & Control": ("Business controller", "Salarisadministrateur"),
    "HR": ("HR-adviseur", "Recruiter"),
    "Inkoop": ("Inkoper", "Contractmanager"),
    "Facilitair": ("Servicemedewerker II", "Hoofd facilitair"),
}
CITIES = ("Utrecht", "Amersfoort", "Nieuwegein", "'s-Hertogenbosch", "Zwolle", "Den Haag", "Rotterdam", "Nijmegen")
SKILLS = (
    *("PostgreSQL", "postgres", "Python", "Java", "React.js", "Kubernetes", "k8s", "dbt", "SQL", "Excel", "Scrum"),
    *("agile", "UX", "Figma", "SEO", "AFAS", "TOPdesk", "aanbesteden", "contractbeheer", "tekstschrijven"),
    *("projectmanagement", "hydrologie", "GIS"),
)
HOME = ("thuis.example", "familie.example", "post.example", "mail.example")
HEADERS = [
    *("Personeelsnr.", "Voornaam", "Tussenvoegsel", "Achternaam", "E-mail privé", "E-mail werk", "Functie", "Afdeling"),
    *("Datum in dienst", "Datum uit dienst", "Woonplaats", "Toestemming netwerk", "Taal"),
]
COLUMNS = (
    *("Naam", "E-mailadres", "Bedrijfsnaam", "KvK", "Btw-id", "Uurtarief", "Uren p/w", "Beschikbaar vanaf"),
    *("Vaardigheden", "Plaats", "Oud-collega?"),
)
NUMBER, FIRST, INFIX, LAST, PRIVATE, _WORK, JOB, _DEPARTMENT, START, END = range(10)
EPOCH = (2026, 1, 1, 0, 0, 0)


def _plain(text: str) -> str:
    table = str.maketrans("éëèçöüøåñÇÖíóŞıĐđčćŁś", "eeecouoanCOioSiDdccLs")
    return "".join(c for c in text.translate(table).lower() if c.isascii() and c.isalnum())


def _day(chance: random.Random, first: dt.date, last: dt.date) -> dt.date:
    return first + dt.timedelta(days=chance.randrange((last - first).days))


def _leaver(chance: random.Random, i: int) -> list[str]:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    particle = chance.choice(PARTICLES)
    if i % 29 == 7:
        given, family, particle = *LOST[i % len(LOST)], ""
    department = chance.choice(list(JOBS))
    start = _day(chance, dt.date(2003, 1, 1), dt.date(2024, 6, 1))
    end = min(start + dt.timedelta(days=chance.randrange(150, 3200)), dt.date(2026, 10, 31))
    # Some keep the particle in its own column, some in the family name, some in both.
    style = chance.random()
    infix = particle if style < 0.7 else ""
    last = f"{particle} {family}".strip() if style > 0.6 else family
    return [
        str(20000 + i),
        given,
        infix,
        last,
        f"{_plain(given)}.{_plain(particle + family)}{i}@{chance.choice(HOME)}",
        f"{_plain(given)[0]}.{_plain(family)}@maasveld.example",
        chance.choice(JOBS[department]),
        department,
        f"{start:%d-%m-%Y}",
        f"{end:%d-%m-%Y}",
        chance.choice(CITIES),
        chance.choice(("ja", "ja", "nee", "n.v.t.", "")),
        chance.choice(("nl", "nl", "nl", "nl", "en")),
    ]


def _spoil(rows: list[list[str]]) -> None:
    """One or two of everything that goes wrong in real exports, always in the same rows."""
    rows[14][FIRST] += "\r\nBcc: iedereen@maasveld.example"
    rows[91][FIRST] += "\r\nBcc: iedereen@maasveld.example"
    rows[23][LAST] = f'=HYPERLINK("http://evil.example";"{rows[23][LAST]}")'
    rows[131][LAST] = "=cmd|' /C calc'!A0"
    rows[18][PRIVATE] = rows[18][PRIVATE].replace(".example", "")
    rows[77][PRIVATE] = rows[77][PRIVATE].replace("@", " at ")
    rows[160][PRIVATE] = ""
    rows[40][END] = "31-02-2025"
    rows[55][START], rows[55][END] = "13-07-2019", "12-10-2014"
    rows[66][END] = "-".join(reversed(rows[66][END].split("-")))
    rows[120][END] = ""
    rows[83][INFIX], rows[83][LAST] = "van", "van Berkum"
    rows[101][JOB] = rows[101][JOB] * 200
    rows[110].append("overig")


def leavers() -> bytes:
    """The export of the HR system."""
    chance = random.Random(20261121)
    rows = [_leaver(chance, i) for i in range(LEAVERS)]
    _spoil(rows)
    twice = [list(row) for row in rows[5:200:28]]
    earlier = [list(row) for row in rows[10:200:31]]
    for row in earlier:
        row[NUMBER], row[JOB], row[START], row[END] = "9" + row[NUMBER], "Adviseur", "01-01-2001", "31-12-2002"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([HEADERS, *rows, *twice, *earlier])
    return out.getvalue().encode("cp1252", errors="replace")


def _vat_id(chance: random.Random) -> str:
    """A made-up btw-id of the new kind: nine random digits, check digits over all of it."""
    while True:
        digits = f"{chance.randrange(10**9):09}"
        for suffix in range(2, 99):
            if mod_97_10.is_valid(f"NL{digits}B{suffix:02}"):
                return f"NL{digits}B{suffix:02}"


def _freelancer(chance: random.Random, i: int) -> list[object]:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    particle = chance.choice(PARTICLES)
    if i % 13 == 4:
        given, family, particle = *LOST[i % len(LOST)], ""
    name = f"{given} {particle} {family}".replace("  ", " ")
    day = _day(chance, dt.date(2026, 11, 1), dt.date(2027, 6, 1))
    skills = chance.sample(SKILLS, chance.randrange(1, 6))
    return [
        name,
        "geen" if i % 21 == 12 else f"{_plain(given)}.{_plain(particle + family)}{50000 + i}@{chance.choice(HOME)}",
        f"{family} Advies",
        f"{chance.randrange(10**7, 10**8)}",
        _vat_id(chance) if chance.random() < 0.7 else None,
        chance.choice((65, 75, 82.5, 95, "€ 110,00", "90 excl. btw", "80-95")),
        chance.choice((16, 24, 32, 36, 40, "24-32")),
        chance.choice((dt.datetime.combine(day, dt.time()), f"{day:%d/%m/%Y}", "per direct")),
        chance.choice(("; ", ", ", "/")).join(skills),
        chance.choice(CITIES),
        chance.choice(("ja", "nee", None)),
    ]


def freelancers() -> bytes:
    """The workbook that somebody keeps by hand."""
    chance = random.Random(20261122)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "ZZP"
    sheet.append(list(COLUMNS))
    rows = [_freelancer(chance, i) for i in range(FREELANCERS)]
    rows[20][4] = "NL123456782B90"  # of the old kind, which is a national number
    rows[33][3] = "1234567"  # a digit short
    rows[47][2] = "=SUM(1;1)"
    for row in rows:
        sheet.append(row)
    book.properties.created = book.properties.modified = dt.datetime(*EPOCH)  # noqa: DTZ001  workbooks know no zones
    raw = io.BytesIO()
    book.save(raw)
    return _without_times(raw)


def _without_times(raw: io.BytesIO) -> bytes:
    """The same zip with one time on every entry, so that the bytes are the same on every day."""
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in sorted(old.namelist()):
            content = old.read(entry)
            if entry == "docProps/core.xml":
                content = content.replace(_modified(content), b"2026-01-01T00:00:00Z")
            new.writestr(zipfile.ZipInfo(entry, date_time=EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _modified(content: bytes) -> bytes:
    """openpyxl writes the time of saving, whatever the properties say."""
    start = content.index(b">", content.index(b"<dcterms:modified")) + 1
    return content[start : content.index(b"<", start)]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "leavers.csv").write_bytes(leavers())
    (FOLDER / "freelancers.xlsx").write_bytes(freelancers())
