"""A feed's rows made clean: titles, pay, places, links, skills."""

from decimal import Decimal

import pytest

from backend.http.errors import InvalidInput
from notifications.posts import keywords
from notifications.posts.titles import whole_title
from notifications.posts.vacancy_feed import Pay, pay_of, read, without_tracking

HEADER = "Job ID,Location ID,Title,Final URL,Description,Salary,Contextual keywords,Address\n"


def _feed(*rows):
    return read((HEADER + "\n".join(rows)).encode())


def _row(
    job_id="a1", title="Monteur", place="Utrecht", salary="€2800-€3700", words="", url="https://jobs.example/monteur"
):
    return f'{job_id},{place},{title},{url},Bekijk deze vacature,{salary},{words},"{place}, NL"'


@pytest.mark.parametrize(
    ("text", "pay"),
    [
        ("€5686-€6569", Pay(Decimal(5686), Decimal(6569))),
        ("€10722", Pay(Decimal(10722), Decimal(10722))),
        ("€10722-€10722", Pay(Decimal(10722), Decimal(10722))),
        ("€ 2.800,50 - € 3.700,00 per maand", Pay(Decimal("2800.50"), Decimal("3700.00"), "month")),
        ("3 700 tot 2 800 euro", Pay(Decimal(2800), Decimal(3700))),
        ("€ 18,75 - 24,10 per uur", Pay(Decimal("18.75"), Decimal("24.10"), "hour")),
        ("45.000 - 60.000 per jaar", Pay(Decimal(45000), Decimal(60000), "year")),
        ("", None),
        ("marktconform", None),
        ("€0", None),
    ],
)
def test_pay_is_read_as_it_is_written(text, pay):
    assert pay_of(text) == pay


def test_a_digit_that_fell_out_is_noticed():
    assert pay_of("€568-€6569").is_odd
    assert not pay_of("€2416-€4478").is_odd


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://x.example/a/?utm_source=g&utm_medium=cpc", "https://x.example/a/"),
        ("https://x.example/a?id=7&utm_campaign=f&gclid=1#apply", "https://x.example/a?id=7#apply"),
        ("https://x.example/a?q=caf%C3%A9", "https://x.example/a?q=caf%C3%A9"),
        ("javascript:alert(1)", ""),
        ("/vacatures/12", ""),
        ("", ""),
    ],
)
def test_tracking_marks_leave_a_link(url, clean):
    assert without_tracking(url) == clean


@pytest.mark.parametrize(
    ("title", "slug", "words", "whole"),
    [
        ("Medw. rioolbeheer", "medewerker-rioolbeheer-2", [], "Medewerker rioolbeheer"),
        ("Data-analist", "data-analist-waterkwaliteit", [], "Data-analist waterkwaliteit"),
        ("VS Polikliniek", "verpleegkundig-specialist-polikliniek-angst-2-4", ["Angst"],
         "Verpleegkundig specialist Polikliniek Angst"),
        ("Coord. inkoop", "coordinator-inkoop", ["Coördinator"], "Coördinator inkoop"),
        ("(Nacht-) monteur", "nacht-monteur", [], "(Nacht-) monteur"),
        ("Monteur PTSS-5", "monteur-ptss-5", [], "Monteur PTSS-5"),
        ("Plaatsvervangend", "plaatsvervangend-vs-opleider-2", ["VS-opleider"], "Plaatsvervangend VS-opleider"),
        # The address tells another story: only the shortened word is written out.
        ("Psych. polikliniek", "klinisch-psycholoog-polikliniek", ["Psychiatrie"], "Psychiatrie polikliniek"),
        ("Monteur", "vacature-12", [], "Monteur"),
        ("Mr. X", "iets-anders", [], "Mr. X"),
    ],
)  # fmt: skip
def test_a_cut_title_is_made_whole_from_the_address(title, slug, words, whole):
    assert whole_title(title, url=f"https://x.example/vacatures/{slug}/", kinds=[], keywords=words) == whole


def test_the_feeds_own_word_for_it_wins_over_a_keyword():
    got = whole_title("Psych. nacht", url="https://x.example/12", kinds=["Psychiater"], keywords=["Psychologie"])
    assert got == "Psychiater nacht"


ROWS = [
    ["Werken bij Maasveld", "Vacatures Utrecht", "Utrecht", "Python", "GIS;"],
    ["Werken bij Maasveld", "Maasveld Zwolle vacatures", "Zwolle", "python", "(basis", "GGZ)", "(LoRaWAN)"],
    ["Werken bij Maasveld", "Maasveld", "Data", "Monteur vacature", "Nieuw-West", "12"],
    ["Werken bij Maasveld", "Maasveld Utrecht", "Data", "Python"],
    ["Werken bij Maasveld", "open", "team!)", "C++"],
]


def _skills(row):
    noise = keywords.noise_words(ROWS, ["Utrecht", "Zwolle"])
    return keywords.skills_of(row, noise=noise, names=keywords.spellings(ROWS))


def test_only_what_somebody_can_is_a_skill():
    assert [_skills(row) for row in ROWS] == [
        ["Python", "GIS"],
        ["Python", "LoRaWAN"],
        ["Data"],
        ["Data", "Python"],
        ["C++"],
    ]


def test_what_stands_on_three_in_five_rows_says_nothing():
    rows = [["Zorg", str(n) + "x"] for n in range(6)] + [["y"]] * 4
    assert keywords.ubiquitous(rows) == {"Zorg"}
    assert keywords.ubiquitous([*rows, ["z"]]) == set()


def test_in_a_handful_of_rows_a_share_says_nothing():
    assert keywords.ubiquitous([["Python"], ["Python"]]) == set()


def test_a_feed_is_read_whatever_its_delimiter_and_encoding():
    text = (HEADER + _row(title="Coördinator")).replace(",", "\t").replace('"Utrecht\t NL"', '"Utrecht, NL"')
    for data in (text.encode("cp1252"), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode()):
        (vacancy,) = read(data).vacancies
        assert (vacancy.title, vacancy.places, vacancy.country) == ("Coördinator", ("Utrecht",), "NL")


def test_what_every_row_says_is_no_summary():
    feed = _feed(_row("a1"), _row("a2"))
    assert [vacancy.summary for vacancy in feed.vacancies] == ["", ""]


def test_one_id_at_two_places_is_one_vacancy():
    feed = _feed(_row("a1"), _row("a1", place="Zwolle", salary="€2900-€3900"), _row("a2"))
    first = feed.vacancies[0]
    assert (len(feed.vacancies), first.places, first.pay) == (
        2,
        ("Utrecht", "Zwolle"),
        Pay(Decimal(2800), Decimal(3900)),
    )
    assert "2" in feed.findings[0]
    assert "3" in feed.findings[0]


def test_a_row_without_id_or_title_is_named_and_the_others_stay():
    feed = _feed(_row("a1"), _row("", title="Wees"), _row("a3", title=""), "", _row("a4"))
    assert [vacancy.job_id for vacancy in feed.vacancies] == ["a1", "a4"]
    assert [line for line, _sentence in feed.errors] == [3, 4]
    assert feed.ids == {"a1", "a3", "a4"}


def test_what_changes_by_itself_is_no_change():
    one = _feed(_row(words="Python;SQL", url="https://jobs.example/monteur?utm_source=a")).vacancies[0]
    same = _feed(_row(words="SQL;Python", url="https://jobs.example/monteur?utm_source=b")).vacancies[0]
    other = _feed(_row(words="SQL;Python", salary="€2800-€3701")).vacancies[0]
    assert one.sha256 == same.sha256 != other.sha256


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "columns"),
        (HEADER.encode(), "empty"),
        (b"naam;plaats\nJan;Utrecht\n", "columns"),
        (b"%PDF-1.7\n%\xe2\xe3", "columns"),
        (HEADER.encode() + b"a\x00b", "nul_bytes"),
        (HEADER.encode() + b'a1,Utrecht,"' + b"x" * 200_000, "not_csv"),
    ],
)
def test_what_is_no_feed_is_refused(data, code):
    with pytest.raises(InvalidInput) as error:
        read(data)
    assert (error.value.code, error.value.field) == (code, "file")


def test_a_feed_that_is_too_large_is_refused(settings):
    settings.IMPORT_MAX_BYTES = 100
    with pytest.raises(InvalidInput) as error:
        read(b"x" * 101)
    assert error.value.code == "too_large"
