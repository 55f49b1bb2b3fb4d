"""How fast leavers come in: 600 rows and 100,000, with what the bare driver needs for the same rows beside it."""

import csv
import random
import tempfile
from pathlib import Path

from benchmarks.servers import Figures, Place, measured, places

SIZES = (600, 100_000)
HEADERS = (
    "Personeelsnr.", "Voornaam", "Tussenvoegsel", "Achternaam", "E-mail privé", "Functie", "Afdeling",
    "Datum in dienst", "Datum uit dienst", "Woonplaats", "Toestemming netwerk", "Taal",
)  # fmt: skip
GIVEN = ("Anna", "Bram", "Chantal", "Daan", "Eva", "Fleur", "Gijs", "Hanna", "Iris", "Joost", "Karin", "Lotte")
INFIX = ("", "", "", "de", "van", "van der", "van den", "el")
FAMILY = ("Bakker", "Claes", "Dijk", "Evers", "Groot", "Haan", "Jacobs", "Kuipers", "Maes", "Peeters", "Smit", "Vos")
ROLES = ("Monteur", "Verpleegkundige", "Data-engineer", "Planner", "HR-adviseur", "Projectleider", "Controller")
CITIES = ("Utrecht", "Gent", "Rotterdam", "Zwolle", "Antwerpen", "Eindhoven", "Amersfoort", "Leuven")


def write(path: Path, rows: int) -> None:
    """A file as HR systems make it: semicolons, Dutch headers and dates, cp1252. The same at each run."""
    chance = random.Random(rows)
    with path.open("w", encoding="cp1252", newline="") as stream:
        out = csv.writer(stream, delimiter=";")
        out.writerow(HEADERS)
        for number in range(rows):
            given, infix, family = chance.choice(GIVEN), chance.choice(INFIX), chance.choice(FAMILY)
            year, month = chance.randrange(1995, 2022), chance.randrange(1, 13)
            out.writerow((
                10_000 + number, given, infix, family, f"{given}.{family}{number}@thuis.example".lower(),
                chance.choice(ROLES), f"Afdeling {number % 20}", f"01-{month:02}-{year}",
                f"28-{month:02}-{year + chance.randrange(1, 5)}", chance.choice(CITIES),
                chance.choice(("ja", "nee", "")), "nl",
            ))  # fmt: skip


def measure() -> Figures:
    """Rows a second and peak memory, on both databases."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as folder, places() as servers:
        for rows in SIZES:
            file = Path(folder) / f"leavers-{rows}.csv"
            write(file, rows)
            for place in servers:
                for what, figure in _one(place, file, rows).items():
                    figures.setdefault(what, {})[place.name] = figure
    return figures


def _one(place: Place, file: Path, rows: int) -> dict[str, str]:
    kept = file.with_suffix(f".{place.name}.pickle")
    ours = measured(place.fresh(), "-m", "benchmarks.import_process", "kring", file, kept)
    bare = measured(place.fresh(), "-m", "benchmarks.import_process", "bare", file, kept)
    kept.unlink()
    if ours["members"] != rows:
        raise RuntimeError(f"{ours['members']} of {rows} rows became members")
    both = ours["stage"] + ours["apply"]
    return {
        f"{rows:,} rows: read and check": f"{rows / ours['stage']:,.0f} rows/s",
        f"{rows:,} rows: apply": f"{rows / ours['apply']:,.0f} rows/s",
        f"{rows:,} rows: both": f"{rows / both:,.0f} rows/s, {both:.1f} s",
        f"{rows:,} rows: bare {bare['how']}": f"{rows / bare['seconds']:,.0f} rows/s ({both / bare['seconds']:.0f}x)",
        f"{rows:,} rows: peak memory": f"{ours['peak_mb']:.0f} MB",
    }
