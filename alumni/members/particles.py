"""Tussenvoegsels: telling the parts of a Dutch or Belgian name apart."""

# Written in lower case between given and family name; with a capital (Die Bont) they belong to the family name.
PARTICLES = frozenset(
    {
        "van", "de", "den", "der", "die", "het", "'t", "’t", "ter", "te", "ten", "op", "in", "aan", "bij", "uit",
        "over", "onder", "tot", "toe", "voor", "von", "vom", "zu", "zur", "zum", "la", "le", "les", "l'", "du", "des",
        "d'", "da", "das", "do", "dos", "di", "del", "della", "el", "al", "bin", "ben", "ibn", "ould", "'s", "’s",
    }
)  # fmt: skip


def split_family(family_name: str) -> tuple[str, str]:
    """(infix, family name) of a family name that begins with particles: van der Leek -> (van der, Leek)."""
    words = family_name.split()
    count = 0
    while count < len(words) - 1 and words[count] in PARTICLES:
        count += 1
    return " ".join(words[:count]), " ".join(words[count:])


def split_full(full_name: str) -> tuple[str, str, str]:
    """(given name, infix, family name) of a name in one cell.

    What stands before the first particle is the given name; without a particle the last word is the family name. A
    particle with a capital begins the family name (Jan Van den Berghe). A comma turns it round: Kamp, Nathan van der.
    """
    if "," in full_name:
        family, _comma, rest = full_name.partition(",")
        words = rest.split()
        end = next((i for i, word in enumerate(words) if i and word in PARTICLES), len(words))
        infix, family = (" ".join(words[end:]), family.strip()) if words[end:] else split_family(family)
        return " ".join(words[:end]), infix, family
    words = full_name.split()
    start = next((i for i, word in enumerate(words[:-1]) if i and word.lower() in PARTICLES), len(words) - 1)
    infix, family = split_family(" ".join(words[start:]))
    return " ".join(words[:start]), infix, family


def undouble(infix: str, family_name: str) -> tuple[str, str]:
    """The infix once, in its own place: (van, van Berkum) and ("", van Berkum) are both (van, Berkum)."""
    if not infix:
        return split_family(family_name)
    head = family_name[: len(infix) + 1]
    if head.casefold() == f"{infix} ".casefold() and family_name[len(infix) + 1 :].strip():
        return infix, family_name[len(infix) + 1 :].strip()
    return infix, family_name
