"""Write examples/vacancies.csv: a vacancy feed of a made-up employer, as messy as real ones are. Always the same bytes.

It has what an import must cope with: titles cut at 25 characters and shortened words, keywords for advertisements,
pieces of phrases in brackets, tracking marks, rows without pay, pay that lacks a digit, one vacancy at two places, and
a row without a title.
"""

import csv
import hashlib
import re
import unicodedata
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "examples" / "vacancies.csv"
HEADER = [
    "Job ID", "Location ID", "Title", "Final URL", "Image URL", "Subtitle", "Description", "Salary", "Category",
    "Contextual keywords", "Address", "Similar Job IDs",
]  # fmt: skip
EMPLOYER, SECTOR = "Maasveld", "Water"

# Category: keywords that the advertisement agency hangs on each of its vacancies.
CATEGORIES = {
    "Techniek": ["Techniek", "MBO", "Storingsmonteur", "Elektrotechniek", "Werktuigbouwkunde", "Vakmanschap"],
    "Data": ["Data", "SQL", "Python", "HBO", "Data-analist", "Geo-informatie", "ICT vacature"],
    "Ingenieur": ["Ingenieur", "Waterbouw", "Civiele techniek", "HBO", "WO", "Hydrologie", "Ingenieursbureau"],
    "Laboratorium": ["Laboratorium", "Chemie", "Analist", "Waterkwaliteit", "HLO"],
    "Kantoor": ["Kantoor", "Administratie", "Dienstverlening", "Ondersteuning"],
}

# (title as it is, words that the agency shortens it with, category, place, pay, own keywords)
VACANCIES = [
    ("Monteur gemalen", "", "Techniek", "Utrecht", "€2780-€3690", ["gemalen", "Monteur", "Consignatie"]),
    ("Monteur gemalen storingsdienst", "Mont. gemalen", "Techniek", "Deventer", "€2780-€3890", ["storingsdienst"]),
    ("Monteur drinkwater Zuid", "", "Techniek", "Zwolle", "€2710-€3690", ["drinkwater", "Zuid"]),
    ("Medewerker pompstation", "Medw. pompstation", "Techniek", "Almere", "€2540-€3310", ["Medewerker", "pompstation"]),
    ("Medewerker rioolbeheer (nieuw team)", "Medw. rioolbeheer", "Techniek", "Utrecht", "€2540-€3310",
     ["Medewerker", "rioolbeheer", "(nieuw", "team)"]),
    ("Werkvoorbereider leidingnet", "", "Techniek", "Utrecht", "€3050-€4120", ["leidingnet", "Werkvoorbereider"]),
    ("Elektrotechnisch specialist", "", "Techniek", "Arnhem", "€3400-€4650", ["specialist", "PLC", "Siemens TIA"]),
    ("Storingsmonteur nachtdienst", "", "Techniek", "Zwolle", "€2900-€3980", ["nachtdienst", "(Nacht-)"]),
    ("Leerling-monteur niveau 3 duaal", "Leerling-monteur", "Techniek", "Deventer", "", ["niveau", "duaal", "BBL"]),
    ("Leerling-monteur niveau 4 duaal verkort", "Leerling-monteur", "Techniek", "Utrecht", "",
     ["niveau", "duaal", "verkort", "BBL"]),
    ("Beheerder gemalen", "", "Techniek", "Utrecht", "€3200-€4100", ["gemalen", "Beheerder", "SCADA"]),
    ("Procesoperator zuivering", "", "Techniek", "Almere", "€2900-€3850", ["Procesoperator", "zuivering", "SCADA"]),
    ("Procesoperator zuivering flexpool", "Procesoperator", "Techniek", "Arnhem", "€2900-€3850",
     ["zuivering", "(Flexpool)", "SCADA"]),
    ("Data-analist waterkwaliteit", "Data-analist", "Data", "Utrecht", "€3480-€4890", ["waterkwaliteit", "Power BI"]),
    ("Data engineer meetnet", "", "Data", "Utrecht", "€4180-€5710", ["meetnet", "PostgreSQL", "Data engineer"]),
    ("Data engineer", "", "Data", "Zwolle", "€4180-€5710", ["PostgreSQL", "Data engineer", "Airflow"]),
    ("Ontwikkelaar sensorplatform", "Ontw. sensorplatform", "Data", "Utrecht", "€3900-€5400",
     ["Ontwikkelaar", "sensorplatform", "Django", "(LoRaWAN)"]),
    ("GIS-specialist", "", "Data", "Deventer", "€3480-€4890", ["GIS", "QGIS", "GIS-specialist"]),
    ("Functioneel beheerder assetbeheer", "FB assetbeheer", "Data", "Utrecht", "€3480-€4650",
     ["Functioneel beheer", "assetbeheer"]),
    ("Systeembeheerder ICT", "", "Data", "Utrecht", "€3300-€4500", ["Systeembeheerder", "Linux", "Azure"]),
    ("Informatiemanager", "", "Data", "Utrecht", "€4900-€6720", ["Informatiemanager", "Informatiebeleid"]),
    ("Hydroloog grondwater", "", "Ingenieur", "Zwolle", "€3900-€5380", ["Hydroloog", "grondwater", "MODFLOW"]),
    ("Senior hydroloog oppervlaktewater", "Senior hydroloog", "Ingenieur", "Utrecht", "€4890-€6700",
     ["Hydroloog", "oppervlaktewater", "SOBEK"]),
    ("Projectleider dijkversterking", "Projl. dijkversterking", "Ingenieur", "Arnhem", "€4300-€5900",
     ["Projectleider", "dijkversterking", "UAV-GC"]),
    ("Projectleider leidingnet (zwangerschapsvervanging)", "Projectl. leidingnet", "Ingenieur", "Utrecht",
     "€430-€5900", ["Projectleider", "leidingnet", "(zwangerschapsvervanging)"]),
    ("Constructeur kunstwerken", "", "Ingenieur", "Deventer", "€3900-€5380", ["Constructeur", "kunstwerken", "Revit"]),
    ("Omgevingsmanager", "", "Ingenieur", "Almere", "€4300-€5900", ["Omgevingsmanager", "Participatie"]),
    ("Ecoloog", "", "Ingenieur", "Zwolle", "€3700-€5100", ["Ecoloog", "KRW", "Natuurbeheer"]),
    ("Adviseur waterveiligheid", "Adv. waterveiligheid", "Ingenieur", "Arnhem", "€4180-€5710",
     ["Adviseur", "waterveiligheid"]),
    ("Analist microbiologie", "", "Laboratorium", "Utrecht", "€2780-€3690", ["microbiologie", "Analist", "ISO 17025"]),
    ("Analist anorganische chemie", "Analist anorganische", "Laboratorium", "Utrecht", "€2780-€3690",
     ["anorganische", "chemie", "ICP-MS"]),
    ("Monsternemer", "", "Laboratorium", "Almere", "€2450-€3150", ["Monsternemer", "Rijbewijs B"]),
    ("Teamleider laboratorium", "Tl. laboratorium", "Laboratorium", "Utrecht", "€4050-€5560", ["Teamleider"]),
    ("Kwaliteitscoördinator", "Kwaliteitscoördinator", "Laboratorium", "Utrecht", "€3480-€4650", ["Kwaliteitszorg"]),
    ("Medewerker klantcontact", "Medw. klantcontact", "Kantoor", "Utrecht", "€2440-€3120", ["klantcontact"]),
    ("Inkoper contractmanagement", "Inkoper", "Kantoor", "Utrecht", "€3480-€4890", ["Inkoop", "Contractmanagement"]),
    ("Communicatieadviseur", "", "Kantoor", "Deventer", "€3700-€5100", ["Communicatie", "Participatie"]),
    ("HR-adviseur", "", "Kantoor", "Utrecht", "marktconform", ["HR", "Verzuim"]),
    ("Financieel administrateur", "", "Kantoor", "Utrecht", "€3050-€4120", ["Boekhouden", "Exact"]),
    ("Jurist omgevingsrecht", "", "Kantoor", "Zwolle", "€4180-€5710", ["Omgevingsrecht", "Omgevingswet", "Jurist"]),
]  # fmt: skip


def job_id(n: int) -> str:
    """Ten hex digits, always the same for a row."""
    return hashlib.sha256(f"{EMPLOYER} {n}".encode()).hexdigest()[:10]


def slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def cut(title: str) -> str:
    """At 25 characters, between words: as advertisements do."""
    return title if len(title) <= 25 else title[:26].rpartition(" ")[0]


def noise(place: str) -> list[str]:
    """What the agency hangs on every vacancy."""
    return [
        f"Werken bij {EMPLOYER}", f"Vacatures {EMPLOYER}", f"{EMPLOYER} vacatures", f"Werken in het {SECTOR.lower()}",
        f"{SECTOR} vacatures", f"Vacatures {place}", place, f"Werken bij {EMPLOYER} {place}",
        f"{EMPLOYER} {place} vacatures",
    ]  # fmt: skip


def row(n: int) -> list[str]:
    title, shown, category, place, pay, own = VACANCIES[n]
    # The site adds a counter to an address that was there before.
    counter = f"-{n % 3}" if n % 4 == 0 and n % 3 else ""
    url = f"https://werkenbij.maasveld.example/vacatures/{slug(title)}{counter}/"
    words = [*CATEGORIES[category], *noise(place), *own]
    words = words[n % len(words) :] + words[: n % len(words)]
    alike = [job_id(m) for m, other in enumerate(VACANCIES) if other[2] == category and m != n][:10]
    return [
        job_id(n), place, cut(shown or title), f"{url}?utm_source=google&utm_medium=cpc&utm_campaign=job_feed",
        f"https://images.maasveld.example/{slug(category)}.jpg", category, "Bekijk deze vacature", pay, category,
        ";".join(words), f"{place}, NL", ";".join(alike),
    ]  # fmt: skip


def main() -> None:
    rows = [row(n) for n in range(len(VACANCIES))]
    at_a_second_place = list(rows[13])
    at_a_second_place[1], at_a_second_place[10] = "Zwolle", "Zwolle, NL"
    without_a_title = [job_id(99), "Utrecht", "", *rows[0][3:]]
    rows[20:20] = [at_a_second_place]
    rows[33:33] = [without_a_title]
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    print(f"{FILE}: {len(rows)} rows")


if __name__ == "__main__":
    main()
