"""Titles of a vacancy feed, made whole again. Pure.

Advertisements cut titles at 25 characters and shorten words ("Vpl. kliniek", "VS Polikliniek", "Verpleegkundig"); the
address of the page was made from the whole title. Where the words of the title are found at the start of the address,
the rest is taken from there; where not, the title stays as it is, with the shortened words written out.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit


def folded(text: str) -> str:
    """Letters and digits only, without case and accents: 'Coördinator' and 'coordinator' agree."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c for c in plain.casefold() if c.isalnum())


def _is_short_for(short: str, word: str) -> bool:
    """Whether 'Vpl.' can stand for 'Verpleegkundige': same first letter, the others in their order."""
    if not short or len(word) <= len(short) or word[0] != short[0]:
        return False
    letters = iter(word)
    return all(letter in letters for letter in short)


def _match(word: str, slug: list[str]) -> int:
    """How many parts of the address a word of the title stands for; 0 for none."""
    text = folded(word)
    joined = ""
    for n, part in enumerate(slug[:4], start=1):
        joined += part
        if joined == text:
            return n
    if word.endswith(".") and slug and _is_short_for(text, slug[0]):
        return 1
    if 2 <= len(text) <= 3 and word.isupper() and text == "".join(part[0] for part in slug[: len(text)]):
        return len(text)
    return 0


def _spelled(parts: list[str], known: dict[str, str]) -> str:
    """Parts of an address as words: with the capitals and accents that they have in the row's keywords."""
    words: list[str] = []
    rest = list(parts)
    while rest:
        longest = next(n for n in (3, 2, 1) if n == 1 or (len(rest) >= n and "".join(rest[:n]) in known))
        words.append(known.get("".join(rest[:longest]), rest[0]))
        rest = rest[longest:]
    return " ".join(words)


def _known(words: Iterable[str]) -> dict[str, str]:
    """{folded: as it is written}, for words and for each word in them."""
    known: dict[str, str] = {}
    for phrase in words:
        phrase = phrase.strip("();,. !")
        for word in (phrase, *phrase.split()):
            known.setdefault(folded(word), word.strip("();,. !"))
    return known


def slug_parts(url: str) -> list[str]:
    """The parts of the last piece of an address' path."""
    pieces = [piece for piece in urlsplit(url).path.split("/") if piece]
    return [part for part in unquote(pieces[-1]).casefold().split("-") if part] if pieces else []


def whole_title(title: str, *, url: str, kinds: Iterable[str], keywords: Iterable[str]) -> str:
    """The title with its shortened words written out and, where the address tells, with what was cut off.

    `kinds` are the words that the feed itself files the vacancy under (they win), `keywords` the others of the row.
    """
    words = " ".join(title.split()).split(" ")
    slug = slug_parts(url)
    known = _known([*words, *kinds, *keywords])
    out: list[str] = []
    at = 0
    for word in words:
        n = _match(word, slug[at:])
        if n == 0:
            return _written_out(words, [*kinds, *keywords])
        is_short = folded(word) != "".join(slug[at : at + n])
        out.append(_spelled(slug[at : at + n], known) if is_short else word)
        at += n
    rest = slug[at:]
    while rest and rest[-1].isdigit():  # a counter of the site, not of the title
        rest.pop()
    if rest:
        out.append(_spelled(rest, known))
    return _capital(" ".join(out))


def _written_out(words: list[str], candidates: Iterable[str]) -> str:
    """The words, each that ends in a dot as the first candidate that it can be short for."""
    full = [part for phrase in candidates for part in re.split(r"[\s;()]+", phrase) if part]
    out = []
    for word in words:
        short = folded(word) if word.endswith(".") else ""
        longer = next((text for text in full if short and _is_short_for(short, folded(text))), word)
        out.append(longer)
    return _capital(" ".join(out))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
