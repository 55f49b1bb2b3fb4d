"""Countries by their ISO 3166-1 alpha-2 code, and how exports write those that we meet most."""

from alumni.members.names import sort_key

_ALL = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
)
CODES = frozenset(_ALL.split())
_NAMES = {
    "nederland": "NL", "the netherlands": "NL", "netherlands": "NL", "holland": "NL", "pays bas": "NL", "nld": "NL",
    "belgie": "BE", "belgium": "BE", "belgique": "BE", "bel": "BE",
    "duitsland": "DE", "germany": "DE", "allemagne": "DE", "deu": "DE",
    "frankrijk": "FR", "france": "FR", "fra": "FR",
    "luxemburg": "LU", "luxembourg": "LU", "lux": "LU",
    "spanje": "ES", "spain": "ES", "espagne": "ES",
    "portugal": "PT", "italie": "IT", "italy": "IT",
    "verenigd koninkrijk": "GB", "united kingdom": "GB", "uk": "GB", "royaume uni": "GB",
    "polen": "PL", "poland": "PL", "pologne": "PL",
    "suriname": "SR", "curacao": "CW", "aruba": "AW",
    "verenigde staten": "US", "united states": "US", "usa": "US",
}  # fmt: skip


def code_of(text: str) -> str | None:
    """The code of a country by its code or name in Dutch, English or French; None for what we do not know."""
    if (code := text.strip().upper()) in CODES:
        return code
    return _NAMES.get(sort_key(text.replace("-", " ")))
