"""Names: said, sorted, written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alumni.members.models import Member
from alumni.members.names import clean_line, clean_name, sort_key, sort_name
from backend.http.errors import InvalidInput


@pytest.mark.parametrize(
    ("country", "infix", "key"),
    [("NL", "van der", "kamp, nathan van der"), ("BE", "Van der", "van der kamp, nathan"), ("NL", "", "kamp, nathan")],
)
def test_the_netherlands_sort_behind_the_particle_and_belgium_with_it(country: str, infix: str, key: str) -> None:
    assert sort_name(given_name="Nathan", infix=infix, family_name="Kamp", country=country) == key.replace("  ", " ")


def test_accents_and_signs_do_not_part_people_in_a_list() -> None:
    assert [sort_key(name) for name in ("Çelik", "'s Gravesande", "Anne-Fleur", "ÖZTÜRK")] == [
        "celik",
        "s gravesande",
        "annefleur",
        "ozturk",
    ]


def test_a_name_is_said_with_its_particle() -> None:
    assert Member(given_name="Jan-Willem", infix="van 't", family_name="Hoff").full_name == "Jan-Willem van 't Hoff"


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\x85b", "a\u2028b", "a\u202eb", "a\ud800b"])
def test_what_would_begin_another_line_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_line(text, max_length=100, field="given_name")
    assert (caught.value.code, caught.value.field) == ("control_characters", "given_name")


@pytest.mark.parametrize("text", ["Nguyễn", "محمد", "O’Brien", "J\u200dosé", "Ana\u00a0María", "👩‍🔬"])
def test_letters_of_all_scripts_pass(text: str) -> None:
    assert clean_line(text, max_length=100, field="x")


def test_a_line_is_trimmed_composed_and_single_spaced() -> None:
    assert clean_line("  Jose\u0301   Maria ", max_length=100, field="x") == "José Maria"


@given(st.text(max_size=60))
def test_a_line_that_passes_is_one_line_and_stays_as_it_is(text: str) -> None:
    try:
        line = clean_line(text, max_length=60, field="x")
    except InvalidInput:
        return
    assert len(line.splitlines()) <= 1
    assert clean_line(line, max_length=60, field="x") == line


@pytest.mark.parametrize("name", ["www.evil.example", "evil.example", "https://x", "a@b", "<b>Jan</b>"])
def test_a_link_is_no_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean_name(name, max_length=100, field="given_name")
    assert caught.value.code == "not_a_name"
