"""Which column is which, in three languages."""

import pytest

from alumni.joining.columns import SYNONYMS, header_key, layout
from backend.http.errors import InvalidInput


@pytest.mark.parametrize(
    "headers",
    [
        ["Personeelsnr.", "Voornaam", "Achternaam", "E-mail privé", "Functie", "Datum in dienst", "Woonplaats"],
        ["Employee number", "First name", "Last name", "Personal e-mail", "Job title", "Start date", "City"],
        ["Matricule", "Prénom", "Nom de famille", "Adresse e-mail privée", "Fonction", "Date d’embauche", "Ville"],
    ],
)
def test_headers_are_known_in_three_languages(headers: list[str]) -> None:
    found = layout(headers)

    assert [found.fields[i] for i in range(len(headers))] == [
        "external_id", "given_name", "family_name", "email", "role", "started_on", "city",
    ]  # fmt: skip
    assert found.remarks == []
    assert found.kind == "alumnus"


def test_no_header_means_two_fields() -> None:
    pairs = {(header_key(word), name) for name, words in SYNONYMS.items() for word in words}
    assert len(pairs) == len({key for key, _name in pairs})


def test_the_private_address_wins_and_the_work_address_is_not_read() -> None:
    found = layout(["E-mail werk", "E-mail", "E-mail privé", "Naam"])

    assert found.mapping == {"E-mail privé": "email", "Naam": "full_name"}
    assert {remark["column"]: remark["code"] for remark in found.remarks} == {
        "E-mail werk": "work_address",
        "E-mail": "second_column",
    }


def test_a_work_address_alone_does_not_do_unless_it_is_chosen() -> None:
    with pytest.raises(InvalidInput) as caught:
        layout(["Naam", "E-mail werk"])
    assert caught.value.code == "no_email_column"
    assert layout(["Naam", "E-mail werk"], mapping={"E-mail werk": "email"}).mapping["E-mail werk"] == "email"


@pytest.mark.parametrize("header", ["Geboortedatum", "BSN", "Date of birth", "Nationalité", "Salaris", "IBAN"])
def test_what_is_not_needed_is_never_read(header: str) -> None:
    found = layout(["Naam", "E-mail", header])
    assert header not in found.mapping
    assert found.remarks == [{"column": header, "code": "not_kept", "message": found.remarks[0]["message"]}]


def test_unknown_columns_are_told_and_left_out() -> None:
    found = layout(["Naam", "E-mail", "Kostenplaats", ""])
    assert [(remark["column"], remark["code"]) for remark in found.remarks] == [("Kostenplaats", "unknown_column")]


def test_the_callers_mapping_goes_first_and_may_ignore() -> None:
    found = layout(
        ["Roepnaam", "Voornamen", "Achternaam", "Mail", "Rol"], mapping={"Voornamen": "given_name", "rol": "ignore"}
    )

    assert found.mapping == {"Voornamen": "given_name", "Achternaam": "family_name", "Mail": "email"}
    assert [remark["column"] for remark in found.remarks] == ["Roepnaam"]


@pytest.mark.parametrize(
    ("mapping", "code"), [({"Chef": "role"}, "unknown_header"), ({"Naam": "nickname"}, "unknown_field")]
)
def test_a_mapping_that_names_nothing_is_refused(mapping: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        layout(["Naam", "E-mail"], mapping=mapping)
    assert caught.value.code == code


def test_the_family_name_may_be_called_naam_beside_a_voornaam() -> None:
    assert layout(["Voornaam", "Naam", "E-mail"]).mapping["Naam"] == "family_name"


def test_freelancers_are_known_by_their_columns() -> None:
    assert layout(["Naam", "E-mail", "KvK", "Uurtarief"]).kind == "freelancer"
    assert layout(["Naam", "E-mail", "KvK", "Uurtarief"], kind="alumnus").kind == "alumnus"
