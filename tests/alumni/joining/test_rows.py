"""One row of a messy export: what it means, or what is wrong with it in one sentence."""

import datetime as dt
from typing import Any

import pytest

from alumni.joining.columns import layout
from alumni.joining.rows import Row, parse

BASE = {"Voornaam": "Nathan", "Achternaam": "Kamp", "E-mail": "nathan@thuis.example"}


def row(**cells: Any) -> Row:
    """A row with these cells beside a good name and address; `row(Functie="…")`."""
    named = BASE | {header.replace("_", " "): value for header, value in cells.items()}
    return parse(7, list(named.values()), layout(list(named)))


def errors(**cells: Any) -> list[tuple[str, str]]:
    return [(error["column"], error["code"]) for error in row(**cells).errors]


def test_a_whole_row_is_understood() -> None:
    found = row(
        Personeelsnr=10038, Tussenvoegsel="van der", Functie="Verpleegkundige", Afdeling="Zorg",
        Datum_in_dienst="12-02-2020", Datum_uit_dienst="31-10-2026", Woonplaats="'s-Hertogenbosch", Land="België",
        Toestemming="ja", Taal="EN",
    )  # fmt: skip

    assert found.errors == []
    assert found.email_key == "nathan@thuis.example"
    assert found.parsed == {
        "member": {
            "given_name": "Nathan",
            "infix": "van der",
            "family_name": "Kamp",
            "email": "nathan@thuis.example",
            "city": "'s-Hertogenbosch",
            "country": "BE",
            "language": "en",
            "permission": "yes",
            "is_alumnus": True,
            "is_freelancer": False,
        },
        "employment": {
            "role": "Verpleegkundige",
            "department": "Zorg",
            "external_id": "10038",
            "started_on": "2020-02-12",
            "ended_on": "2026-10-31",
        },
        "freelance": None,
        "skills": [],
    }


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12-02-2020", "2020-02-12"),
        ("2-1-2020", "2020-01-02"),
        ("12/02/2020", "2020-02-12"),
        ("12.02.2020", "2020-02-12"),
        ("2020-02-12", "2020-02-12"),
        ("2020-02-12 00:00:00", "2020-02-12"),
        (dt.datetime(2020, 2, 12), "2020-02-12"),
        (43873, "2020-02-12"),  # a workbook's day whose format was lost
    ],
)
def test_days_are_read_however_they_are_written(written: Any, day: str) -> None:
    assert row(Datum_in_dienst=written).parsed["employment"]["started_on"] == day


@pytest.mark.parametrize(
    "written", ["31-02-2025", "2025-13-01", "02/30/2025", "12-02-20", "0000-00-00", "gisteren", "1-1-99999", True, 12]
)
def test_days_that_do_not_exist_are_refused(written: Any) -> None:
    assert errors(Datum_in_dienst=written) == [("Datum in dienst", "date")]


def test_the_last_day_may_not_come_before_the_first() -> None:
    found = row(Datum_in_dienst="13-07-2019", Datum_uit_dienst="12-10-2014")
    assert [(error["column"], error["code"]) for error in found.errors] == [("Datum uit dienst", "order")]
    assert "12-10-2014" in found.errors[0]["message"]


def test_somebody_still_in_service_has_no_last_day() -> None:
    assert row(Datum_in_dienst="13-07-2019", Datum_uit_dienst="n.v.t.").parsed["employment"]["ended_on"] is None


def test_a_last_day_without_a_first_is_refused() -> None:
    assert errors(Datum_in_dienst="", Datum_uit_dienst="12-10-2014") == [("Datum in dienst", "required")]


@pytest.mark.parametrize(
    "name",
    ["Bjorn\r\nBcc: iedereen@kantoor.example", "Bjorn\nHuisman", "Bj\x00rn", "Bj\x0brn", "Bj\u2028rn", "\u202enroj"],
)
def test_a_name_cannot_begin_another_header(name: str) -> None:
    found = row(Voornaam=name)
    assert [(error["column"], error["code"]) for error in found.errors] == [("Voornaam", "control_characters")]
    assert "Bcc" not in str(found)


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://evil.example";"Matthews")', "=1+1", "@SUM(A1)", "+SUM(1)", "-2+3+cmd|' /C calc'!A0", "'=1+1"],
)
@pytest.mark.parametrize("column", ["Achternaam", "Functie", "Woonplaats"])
def test_a_formula_is_refused_wherever_it_stands(column: str, text: str) -> None:
    assert errors(Datum_in_dienst="1-1-2020", **{column: text}) == [(column, "formula")]


def test_a_formula_that_failed_in_the_workbook_is_refused() -> None:
    assert errors(Datum_in_dienst="1-1-2020", Functie="#REF!") == [("Functie", "formula")]


@pytest.mark.parametrize("name", ["?eyma", "Y?lmaz", "S\ufffdren", "JosÃ©"])
def test_letters_that_were_lost_are_told(name: str) -> None:
    assert errors(Achternaam=name) == [("Achternaam", "lost_characters")]


@pytest.mark.parametrize(
    "name", ["Şeyma", "Đorđe", "José", "Łukasz", "Nguyễn", "محمد", "O'Brien", "d’Hondt", "Ng", "J.P."]
)
def test_names_of_all_kinds_are_names(name: str) -> None:
    assert errors(Voornaam=name) == []


@pytest.mark.parametrize(
    "name", ["", "  ", "http://evil.example", "Win <b>", "win@evil.example", "bezoek evil.example"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    assert [column for column, _code in errors(Voornaam=name)] == ["Voornaam"]


@pytest.mark.parametrize(
    "email",
    ["nathan@thuis", "nathan at thuis.example", "nathan@thuis..example", "a b@thuis.example", "x@y.example\nBcc: z"],
)
def test_a_wrong_address_is_refused_and_said_back(email: str) -> None:
    found = row(**{"E-mail": email})
    assert [error["code"] for error in found.errors] == ["email"]
    assert email.split("\n")[0][:20] in found.errors[0]["message"]
    assert "\n" not in found.errors[0]["message"]
    assert found.email_key == ""


@pytest.mark.parametrize("email", ["", "geen", "n.v.t.", None])
def test_without_an_address_there_is_nobody_to_invite(email: str | None) -> None:
    assert errors(**{"E-mail": email}) == [("E-mail", "required")]


@pytest.mark.parametrize(
    ("infix", "family", "expected"),
    [
        ("van", "van Berkum", ("van", "Berkum")),
        ("van der", "van der Plas", ("van der", "Plas")),
        ("", "van de Wal", ("van de", "Wal")),
        ("", "Van den Berghe", ("", "Van den Berghe")),
        ("van 't", "Hoff", ("van 't", "Hoff")),
        ("de", "van Ginkel", ("de", "van Ginkel")),
    ],
)
def test_a_tussenvoegsel_stands_in_one_place(infix: str, family: str, expected: tuple[str, str]) -> None:
    member = row(Tussenvoegsel=infix, Achternaam=family).parsed["member"]
    assert (member["infix"], member["family_name"]) == expected


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Jesper van Oude Heer", ("Jesper", "van", "Oude Heer")),
        ("Jan-Willem van 't Hoff", ("Jan-Willem", "van 't", "Hoff")),
        ("Anna Maria Jansen", ("Anna Maria", "", "Jansen")),
        ("Jan Van den Berghe", ("Jan", "", "Van den Berghe")),
        ("Kamp, Nathan van der", ("Nathan", "van der", "Kamp")),
    ],
)
def test_a_name_in_one_cell_is_taken_apart(whole: str, parts: tuple[str, str, str]) -> None:
    found = parse(2, [whole, "x@thuis.example"], layout(["Naam", "E-mail"]))
    assert tuple(found.parsed["member"][name] for name in ("given_name", "infix", "family_name")) == parts


@pytest.mark.parametrize(
    ("said", "meant"),
    [("ja", "yes"), ("Ja", "yes"), ("oui", "yes"), ("nee", "no"), ("NO", "no"), ("n.v.t.", ""), ("", ""), ("?", "")],
)
def test_only_a_clear_yes_is_a_yes(said: str, meant: str) -> None:
    assert row(Toestemming=said).parsed["member"]["permission"] == meant


def test_a_text_that_is_too_long_is_refused() -> None:
    assert errors(Datum_in_dienst="1-1-2020", Functie="x" * 201) == [("Functie", "too_long")]


def test_a_value_too_many_is_refused_and_empty_ones_are_not() -> None:
    columns = layout(list(BASE))
    assert parse(2, [*BASE.values(), "", None], columns).errors == []
    assert [error["code"] for error in parse(2, [*BASE.values(), "overig"], columns).errors] == ["too_many_values"]


def test_a_row_with_errors_keeps_no_more_than_the_name() -> None:
    found = row(Datum_in_dienst="31-02-2025", Functie="Verpleegkundige", Woonplaats="Utrecht")
    assert found.parsed == {"member": {"given_name": "Nathan", "family_name": "Kamp"}}


@pytest.mark.parametrize("kind", ["stagiair", "x"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    assert errors(Soort=kind) == [("Soort", "unknown_kind")]


@pytest.mark.parametrize(
    ("kind", "flags"), [("alumnus", (True, False)), ("ZZP'er", (False, True)), ("beide", (True, True))]
)
def test_a_row_may_say_its_own_kind(kind: str, flags: tuple[bool, bool]) -> None:
    member = row(Soort=kind).parsed["member"]
    assert (member["is_alumnus"], member["is_freelancer"]) == flags
