"""Names as they are said, and as they are sorted."""

import unicodedata


def sort_key(text: str) -> str:
    """Lower case without accents, apostrophes and hyphens: Çelik sorts with the c, 's Gravensande with the s."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join("".join(c for c in plain.casefold() if c not in "'’-‐").split())


def sort_name(*, given_name: str, infix: str, family_name: str, country: str) -> str:
    """The key that lists are ordered by.

    The Netherlands sorts by family name with the tussenvoegsel behind (Kamp, Nathan van der); Belgium counts the
    particle as part of the name (Van der Kamp).
    """
    family = f"{infix} {family_name}" if country == "BE" else family_name
    tail = given_name if country == "BE" else f"{given_name} {infix}"
    return f"{sort_key(family)}, {sort_key(tail)}"[:300]
