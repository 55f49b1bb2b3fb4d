"""The columns of freelancers: rates, hours, skills and numbers as people type them."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alumni.joining.columns import layout
from alumni.joining.rows import Row, parse
from alumni.members import identifiers
from backend.http.errors import InvalidInput


def row(**cells: Any) -> Row:
    named = {"Naam": "Jan de Wit", "E-mail": "jan@thuis.example", "KvK": "20560726"} | cells
    named = {header.replace("_", " "): value for header, value in named.items()}
    return parse(2, list(named.values()), layout(list(named), kind="freelancer"))


def codes(**cells: Any) -> list[str]:
    return [error["code"] for error in row(**cells).errors]


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        (65, "65.00", "65.00"),
        (82.5, "82.50", "82.50"),
        ("€ 110,00", "110.00", "110.00"),
        ("90 excl. btw", "90.00", "90.00"),
        ("80-95", "80.00", "95.00"),
        ("€ 80,00 tot € 95,50 per uur", "80.00", "95.50"),
        ("1.250,00", "1250.00", "1250.00"),
        ("1,250.00", "1250.00", "1250.00"),
        ("1.250", "1250.00", "1250.00"),
    ],
)
def test_rates_are_read_as_people_write_them(written: Any, low: str, high: str) -> None:
    found = row(Uurtarief=written)
    assert found.errors == []
    assert (found.parsed["freelance"]["rate_min"], found.parsed["freelance"]["rate_max"]) == (low, high)


@pytest.mark.parametrize(
    "written", ["in overleg", "95 incl. btw", "80-90-100", "-", "0", "1e9", "9" * 30, "10 000 000 000"]
)
def test_rates_that_say_something_else_are_refused(written: str) -> None:
    assert codes(Uurtarief=written) == ([] if written == "-" else ["rate"])


def test_the_lowest_rate_comes_first() -> None:
    assert codes(Uurtarief="95-80") == ["order"]


def test_a_day_rate_is_for_a_day() -> None:
    assert row(Dagtarief="750").parsed["freelance"]["rate_unit"] == "day"


@pytest.mark.parametrize(
    ("written", "low", "high"), [(36, 36, 36), ("24-32", 24, 32), ("32 uur", 32, 32), (36.0, 36, 36)]
)
def test_hours_are_read(written: Any, low: int, high: int) -> None:
    freelance = row(**{"Uren p/w": written}).parsed["freelance"]
    assert (freelance["hours_min"], freelance["hours_max"]) == (low, high)


@pytest.mark.parametrize("written", ["veel", "90", "0", "32-24"])
def test_hours_that_no_week_has_are_refused(written: str) -> None:
    assert codes(**{"Uren p/w": written}) in (["hours"], ["order"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("per direct", "now"), ("21/04/2027", "2027-04-21"), (dt.datetime(2027, 3, 3), "2027-03-03"), ("", None)],
)
def test_availability_is_read(written: Any, meant: str | None) -> None:
    assert row(Beschikbaar_vanaf=written).parsed["freelance"]["available_from"] == meant


@pytest.mark.parametrize(
    ("written", "skills"),
    [
        ("Figma; SQL; functioneel beheer", ["Figma", "SQL", "functioneel beheer"]),
        ("Java, Python,React.js", ["Java", "Python", "React.js"]),
        ("AFAS/postgres", ["AFAS", "postgres"]),
        ("CI/CD, PL/SQL", ["CI/CD", "PL/SQL"]),
        ("CI/CD/Java", ["CI/CD", "Java"]),
        ("Python; python; PYTHON", ["Python"]),
        ("geen", []),
    ],
)
def test_skills_are_parted_however_they_are_joined(written: str, skills: list[str]) -> None:
    assert row(Vaardigheden=written).parsed["skills"] == skills


def test_ten_thousand_skills_are_refused() -> None:
    assert codes(Vaardigheden=";".join(f"s{i}" for i in range(10_000))) == ["too_many"]


def test_a_number_with_ten_digits_in_the_kvk_column_is_belgian() -> None:
    freelance = row(KvK="0403.019.261").parsed["freelance"]
    assert (freelance["kvk"], freelance["enterprise_no"]) == ("", "0403019261")


@pytest.mark.parametrize("number", ["1234567", "123456789", "1234567A", 1234567])
def test_a_kvk_number_has_eight_digits(number: Any) -> None:
    assert codes(KvK=number) == ["kvk"]


@pytest.mark.parametrize("number", ["NL004495445B01", "NL4495445B01", "NL123456782B90", "nl 1234.56.782.b90"])
def test_an_old_vat_number_is_a_bsn_and_is_kept_nowhere(number: str) -> None:
    found = row(**{"Btw-id": number})
    assert [error["code"] for error in found.errors] == ["old_vat_id"]
    kept = str(found).replace(".", "")
    assert "4495445" not in kept
    assert "123456782" not in kept


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("NL002455799B11", "NL002455799B11"),
        ("NL000099998B57", "NL000099998B57"),
        ("BE0440966354", "BE0440966354"),
        ("be 0831.797.467", "BE0831797467"),
        ("n.v.t.", ""),
        (None, ""),
    ],
)
def test_good_vat_ids_are_kept_compact(number: Any, kept: str) -> None:
    assert row(**{"Btw-id": number}).parsed["freelance"]["vat_id"] == kept


@pytest.mark.parametrize("number", ["NL123456789B12", "NL123456789B90", "BE431150351", "BE1000000017", "12345", "NL"])
def test_wrong_vat_ids_are_refused(number: str) -> None:
    assert codes(**{"Btw-id": number}) == ["vat_id"]


@pytest.mark.parametrize("number", ["0403019261", "0428759497", "0696909465", "0202239951", "1000000021", "1023456797"])
def test_good_enterprise_numbers_pass(number: str) -> None:
    assert identifiers.enterprise_no(number) == number


@given(st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=9))
def test_one_digit_changed_in_a_belgian_number_is_always_refused(place: int, digit: int) -> None:
    good = "0403019261"
    changed = good[:place] + str(digit) + good[place + 1 :]
    if changed == good:
        assert identifiers.enterprise_no(changed) == good
    else:
        with pytest.raises(InvalidInput):
            identifiers.enterprise_no(changed)


def test_who_was_a_colleague_too_has_both_kinds() -> None:
    member = row(**{"Oud-collega?": "ja"}).parsed["member"]
    assert (member["is_alumnus"], member["is_freelancer"]) == (True, True)
