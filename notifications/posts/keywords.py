"""Which keywords of a vacancy feed are skills. Pure; what is noise follows from the feed itself.

Feeds carry keywords for advertisements: the employer, the town and the word "vacature" in every order, and the title
cut into pieces. None of these is a skill: what stands on nearly every row; what is made only of words of those, of a
place, or of how a job is arranged; what says "vacature" or "werken bij"; and a piece of a phrase in brackets.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from alumni.members.skills import skill_key

# A keyword on this share of the rows tells nothing about any of them; in fewer rows than MIN_ROWS a share is chance.
NEARLY_EVERY = 0.6
MIN_ROWS = 5

# Whatever says one of these is about looking for work.
JOB_SEARCH = re.compile(
    r"\b(vacatures?|vacancy|vacancies|werken (bij|in|als)|baan|banen|jobs?|offres?|emplois?)\b", re.I
)
# Words that glue others together, or say how a job is arranged; alone they are nobody's skill.
FILLING = frozenset({
    "aan", "als", "bij", "de", "den", "der", "en", "een", "het", "in", "met", "of", "op", "per", "te", "ten", "tot",
    "van", "voor", "and", "at", "for", "or", "the", "with", "et", "le", "la", "les", "ou", "pour",
    "basis", "care", "centrum", "complex", "dag", "duaal", "flexibel", "flexibele", "flexpool", "fulltime", "gesloten",
    "high", "intensive", "kortdurende", "locatie", "nacht", "nieuw", "nieuwe", "niveau", "open", "parttime",
    "plaatsvervangend", "regulier", "stoornissen", "team", "teams", "verkort", "woonlocatie",
    "zwangerschapsvervanging",
})  # fmt: skip
# Regions and districts that stand beside the town, which the feed's own column of places does not know.
DISTRICTS = frozenset({
    "noord", "oost", "zuid", "west", "zuidoost", "nieuw-west", "binnenstad",
    "amstelland", "amstelmere", "haarlemmermeer", "kennemerland", "zaanstreek", "waterland", "gooi", "randstad",
    "osdorp", "pijp", "rivierenbuurt", "slotervaart", "bijlmer", "jordaan",
})  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"[\w+#-]+", text.casefold())


def cleaned(keyword: str) -> str:
    """The keyword without stray blanks and brackets around it; empty for a piece of a phrase in brackets."""
    text = " ".join(keyword.split()).strip(" ;,.-")
    if text.count("(") != text.count(")"):
        return ""
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip(" -")
    return text


def noise_words(rows: Sequence[Iterable[str]], places: Iterable[str]) -> set[str]:
    """The words of what stands on nearly every row, and of the places: a keyword made only of these says nothing."""
    words = set(FILLING) | DISTRICTS
    for place in places:
        words |= set(_words(place))
    for keyword in ubiquitous(rows):
        words |= set(_words(keyword))
    return words


def ubiquitous(rows: Sequence[Iterable[str]]) -> set[str]:
    """What stands on nearly every row."""
    if len(rows) < MIN_ROWS:
        return set()
    counts = Counter(keyword for row in rows for keyword in {cleaned(text) for text in row} if keyword)
    return {keyword for keyword, n in counts.items() if n >= NEARLY_EVERY * len(rows)}


def spellings(rows: Sequence[Iterable[str]]) -> dict[str, str]:
    """{skill key: how it is written most often}, with a capital: 'GZ-psycholoog' for 'Gz-psycholoog'."""
    counts: Counter[str] = Counter(keyword for row in rows for text in row if (keyword := cleaned(text)))
    best: dict[str, str] = {}
    # The alphabet decides between equals, so that the same feed gives the same names in any order.
    for keyword, _n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(skill_key(keyword), keyword[:1].upper() + keyword[1:])
    return best


def skills_of(keywords: Iterable[str], *, noise: set[str], names: Mapping[str, str]) -> list[str]:
    """The skills among a row's keywords, in their order, each once and as `names` spells it."""
    found: dict[str, str] = {}
    for keyword in map(cleaned, keywords):
        key = skill_key(keyword)
        says_something = any(word not in noise and not set(word.split("-")) <= noise for word in _words(keyword))
        if key and not key.isdigit() and says_something and not JOB_SEARCH.search(keyword):
            found.setdefault(key, names.get(key, keyword))
    return list(found.values())
