"""Which column of somebody's file is which of our fields: headers in Dutch, French and English."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.utils.translation import gettext as _

from backend.http.errors import InvalidInput

# Our fields, and how the headers of exports call them. Compared without case, accents, spaces and punctuation.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "personeelsnr", "personeelsnummer", "personeelsno", "medewerkernummer", "medewerkersnummer", "medewerkernr",
        "medewerker-id", "werknemersnummer", "stamnummer", "personnel number", "personnel no", "employee number",
        "employee id", "employee no", "staff number", "matricule", "numéro de matricule", "numéro du personnel",
    ),
    "given_name": (
        "voornaam", "roepnaam", "voornamen", "first name", "given name", "firstname", "prénom", "prénoms",
    ),
    "infix": ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "voorvoegsels", "infix", "prefix", "particule"),
    "family_name": (
        "achternaam", "familienaam", "geslachtsnaam", "last name", "lastname", "family name", "surname",
        "nom de famille", "nom",
    ),
    "full_name": (
        "naam", "volledige naam", "name", "full name", "naam medewerker", "naam zzp'er", "nom complet",
        "prénom et nom", "medewerker", "employee",
    ),
    "email_private": (
        "e-mail privé", "privé e-mail", "e-mailadres privé", "privé e-mailadres", "privémail", "mail privé",
        "e-mail thuis", "private e-mail", "personal e-mail", "private email address", "personal email address",
        "home e-mail", "e-mail privée", "e-mail personnel", "courriel privé", "courriel personnel",
        "adresse e-mail privée",
    ),
    "email": (
        "e-mail", "e-mailadres", "mail", "mailadres", "email address", "e-mail address", "courriel", "adresse e-mail",
        "adresse électronique",
    ),
    "email_work": (
        "e-mail werk", "werk e-mail", "e-mail zakelijk", "zakelijk e-mailadres", "zakelijke e-mail", "work e-mail",
        "business e-mail", "company e-mail", "e-mail professionnel", "courriel professionnel",
    ),
    "role": (
        "functie", "functienaam", "functietitel", "rol", "beroep", "job title", "position", "role", "function",
        "fonction", "poste", "intitulé du poste",
    ),
    "department": (
        "afdeling", "team", "organisatie-eenheid", "department", "unit", "organisational unit", "département",
        "service", "division",
    ),
    "started_on": (
        "datum in dienst", "in dienst", "in dienst per", "indienst", "indiensttreding", "datum indiensttreding",
        "startdatum", "begindatum", "hire date", "start date", "date of joining", "employed from", "from",
        "date d'entrée", "date d'entrée en service", "date d'embauche", "date de début",
    ),
    "ended_on": (
        "datum uit dienst", "uit dienst", "uit dienst per", "uitdienst", "uitdiensttreding", "datum uitdiensttreding",
        "einddatum", "laatste werkdag", "end date", "last day", "last working day", "termination date",
        "leaving date", "employed until", "until", "date de sortie", "date de départ", "date de fin",
        "dernier jour de travail",
    ),
    "city": (
        "woonplaats", "plaats", "stad", "gemeente", "city", "town", "place", "place of residence", "ville", "localité",
        "commune", "lieu de résidence",
    ),
    "country": ("land", "country", "pays", "land van verblijf", "country code", "landcode"),
    "language": (
        "taal", "voorkeurstaal", "correspondentietaal", "language", "preferred language", "langue", "langue préférée",
    ),
    "permission": (
        "toestemming netwerk", "toestemming", "netwerk", "mag benaderd worden", "contact houden", "alumni netwerk",
        "consent", "network consent", "permission", "stay in touch", "accord réseau", "accord", "consentement",
    ),
    "kind": ("soort", "soort relatie", "kind"),
    "was_colleague": (
        "oud-collega", "oud-medewerker", "ex-collega", "former colleague", "former employee", "alumnus",
        "ancien collègue", "ancien employé",
    ),
    "trade_name": (
        "bedrijfsnaam", "handelsnaam", "bedrijf", "firma", "company", "company name", "trade name", "nom commercial",
        "entreprise", "société",
    ),
    "kvk": ("kvk", "kvk-nummer", "kvk-nr", "kamer van koophandel", "chamber of commerce", "coc number"),
    "enterprise_no": (
        "ondernemingsnummer", "kbo", "kbo-nummer", "enterprise number", "numéro d'entreprise", "bce",
    ),
    "vat_id": (
        "btw-id", "btw-nummer", "btw", "btw-identificatienummer", "vat id", "vat number", "vat", "numéro de tva", "tva",
    ),
    "rate": (
        "uurtarief", "tarief", "tarief per uur", "tarief excl. btw", "hourly rate", "rate", "rate per hour",
        "tarif horaire", "tarif", "taux horaire",
    ),
    "day_rate": ("dagtarief", "dagprijs", "tarief per dag", "day rate", "daily rate", "tarif journalier", "tjm"),
    "hours": (
        "uren p/w", "uren per week", "uren", "aantal uren", "beschikbare uren", "hours", "hours per week",
        "hours a week", "heures par semaine", "heures",
    ),
    "available_from": (
        "beschikbaar vanaf", "beschikbaar per", "beschikbaar", "beschikbaarheid", "available from", "available",
        "availability", "disponible à partir du", "disponible dès", "disponibilité",
    ),
    "available_until": ("beschikbaar tot", "beschikbaar t/m", "available until", "disponible jusqu'au"),
    "skills": (
        "vaardigheden", "vaardigheid", "skills", "expertise", "competenties", "specialismen", "kennis", "compétences",
        "spécialités",
    ),
}  # fmt: skip
# Columns that Kring never keeps, whatever is in them (data minimisation).
NEVER_KEPT: tuple[str, ...] = (
    "geboortedatum", "geb.datum", "geboorteplaats", "leeftijd", "date of birth", "birth date", "birthday", "dob", "age",
    "date de naissance", "âge", "bsn", "burgerservicenummer", "sofinummer", "rijksregisternummer", "insz",
    "national number", "social security number", "ssn", "numéro national", "niss", "geslacht", "gender", "sex", "sexe",
    "nationaliteit", "nationality", "nationalité", "iban", "bankrekening", "rekeningnummer", "bank account", "salaris",
    "brutosalaris", "salary", "salaire", "reden uitdiensttreding", "reden vertrek", "ontslagreden",
    "reason for leaving", "motif de départ", "ziekteverzuim", "burgerlijke staat", "marital status", "religie",
    "religion", "vakbond", "foto", "photo",
)  # fmt: skip
IGNORE = "ignore"
FREELANCE_FIELDS = frozenset(
    {"trade_name", "kvk", "enterprise_no", "vat_id", "rate", "day_rate", "hours", "available_from", "skills"}
)
EMPLOYMENT_FIELDS = frozenset({"started_on", "ended_on", "department"})
MAPPABLE = frozenset(SYNONYMS) | {IGNORE}


def header_key(header: str) -> str:
    """What two spellings of a header have in common: letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", header).casefold()
    return "".join(c for c in plain if c.isalnum())


@cache
def _known() -> dict[str, str]:
    return {header_key(word): name for name, words in SYNONYMS.items() for word in words}


@cache
def _never_kept() -> frozenset[str]:
    return frozenset(map(header_key, NEVER_KEPT))


def recognised(headers: Sequence[str]) -> int:
    """How many of these look like a header that is known: what the header row and the delimiter are found by."""
    known = _known()
    return len({known[key] for key in map(header_key, headers) if key in known})


@dataclass(frozen=True)
class Layout:
    """How a file is read: `fields` is {position: our field}, `headers` as they stand in the file.

    `kind` is alumnus or freelancer for rows that don't say; `remarks` tells what was left out and why.
    """

    fields: dict[int, str]
    headers: tuple[str, ...]
    kind: str
    remarks: list[dict[str, str]] = field(default_factory=list)

    @property
    def mapping(self) -> dict[str, str]:
        """{header: our field}, as shown to who uploaded the file."""
        return {self.headers[position]: name for position, name in self.fields.items()}


def _remark(column: str, code: str, message: str) -> dict[str, str]:
    return {"column": column[:100], "code": code, "message": message}


def _chosen(headers: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """{header key: field} of the caller's own mapping. Raises InvalidInput for names that do not exist."""
    present = {header_key(header): header for header in headers}
    problems = [
        ("mapping", "unknown_header", _("There is no column “%s” in this file.") % header[:100])
        for header in mapping
        if header_key(header) not in present
    ] + [
        (
            "mapping",
            "unknown_field",
            _("“%(field)s” is none of our fields. Known: %(known)s.")
            % {"field": name[:100], "known": ", ".join(sorted(MAPPABLE))},
        )
        for name in mapping.values()
        if name not in MAPPABLE
    ]
    if problems:
        raise InvalidInput(problems[0][2], code=problems[0][1], errors=problems)
    return {header_key(header): name for header, name in mapping.items()}


def _left_out(header: str, key: str, name: str | None) -> dict[str, str] | None:
    if not key:
        return None
    if key in _never_kept():
        return _remark(header, "not_kept", _("We do not keep this: staying in touch does not need it."))
    if name == "email_work":
        return _remark(header, "work_address", _("A work address ends with the employment. It was not read."))
    if name is None:
        return _remark(header, "unknown_column", _("We do not know this column. It was left out."))
    return _remark(header, "second_column", _("Another column already gives this. This one was left out."))


def _kind_of(names: set[str], wanted: str) -> str:
    if wanted in {"alumnus", "freelancer"}:
        return wanted
    return "freelancer" if len(names & FREELANCE_FIELDS) > len(names & EMPLOYMENT_FIELDS) else "alumnus"


def layout(headers: Sequence[str], *, mapping: Mapping[str, str] | None = None, kind: str = "auto") -> Layout:
    """Find out which column is which. `mapping` ({header: field or "ignore"}) goes before what the headers say.

    Raises InvalidInput when there is no column for the address or the name.
    """
    chosen = _chosen(headers, mapping or {})
    names = [_name_of(header_key(header), chosen) for header in headers]
    found: dict[str, int] = {}
    # What the caller says goes first, then the file's own order.
    for position in sorted(range(len(headers)), key=lambda i: header_key(headers[i]) not in chosen):
        if name := names[position]:
            found.setdefault(name, position)
    _settle(found, is_work_address_chosen="email_work" in chosen.values())
    _require(found, headers)
    kept = set(found.values())
    remarks = [
        remark
        for position, header in enumerate(headers)
        if position not in kept and names[position] != IGNORE
        if (remark := _left_out(header, header_key(header), names[position]))
    ]
    fields = {position: name for name, position in found.items()}
    return Layout(fields=fields, headers=tuple(headers), kind=_kind_of(set(found), kind), remarks=remarks)


def _name_of(key: str, chosen: Mapping[str, str]) -> str | None:
    if key in chosen:
        return chosen[key]
    return None if key in _never_kept() else _known().get(key)


def _settle(found: dict[str, int], *, is_work_address_chosen: bool) -> None:
    """Of columns that say the same, keep the best; a work address only counts for who chose it."""
    found.pop(IGNORE, None)
    work = found.pop("email_work", None)
    if (private := found.pop("email_private", None)) is not None:
        found["email"] = private
    elif work is not None and is_work_address_chosen:
        found["email"] = work
    if "given_name" in found and "full_name" in found:
        whole = found.pop("full_name")
        found.setdefault("family_name", whole)  # Voornaam; Naam


def _require(found: Mapping[str, int], headers: Sequence[str]) -> None:
    read = ", ".join(header[:40] for header in headers[:30] if header)
    if "email" not in found:
        raise InvalidInput(
            _("There is no column with a private e-mail address. The headers are: %s. Say which one it is.") % read,
            code="no_email_column",
            field="file",
        )
    if "full_name" not in found and "family_name" not in found:
        raise InvalidInput(
            _("There is no column with names. The headers are: %s. Say which one it is.") % read,
            code="no_name_column",
            field="file",
        )
