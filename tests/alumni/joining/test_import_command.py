"""manage.py import_members: counts, one sentence a bad row, and what its exit says."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from alumni.accounts.models import Organisation
from alumni.consent.models import ConsentEvent
from alumni.joining.models import Import, ImportRow
from alumni.members.models import Employment, FreelanceProfile, Member
from tests.alumni.joining.files import FATIMA, NATHAN, csv_file

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
BAD = "3;[bold]Bad[/bold];;Row;bad at thuis.example;Rol;01-01-2020;;ja;nl"


def run(*arguments: str | Path) -> list[str]:
    out = io.StringIO()
    call_command("import_members", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def leavers(organisation: Organisation, tmp_path: Path) -> Path:
    path = tmp_path / "leavers.csv"
    path.write_bytes(csv_file(NATHAN, BAD, FATIMA).getvalue())
    return path


def test_it_applies_and_says_what_was_bad(leavers: Path) -> None:
    lines = run(leavers)

    assert lines == [
        "Row 3, E-mail privé: “bad at thuis.example” is not a complete e-mail address. For example: name@company.com",
        "3 rows; did: new member 2, error 1.",
    ]
    assert Member.objects.count() == 2


def test_a_dry_run_changes_nothing_and_leaves_nothing(leavers: Path) -> None:
    lines = run(leavers, "--dry-run")

    assert lines[-2:] == ["3 rows; would do: new member 2, error 1.", "Dry run: nothing was changed."]
    assert not Member.objects.exists()
    assert not Import.objects.exists()
    assert not ImportRow.objects.exists()


def test_source_kind_and_columns_can_be_said(organisation: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("A,B,C,D\nNathan,Kamp,nathan@thuis.example,Chef\n".encode("utf-16"))
    said = ["--map", "A=given_name", "--map", "B=family_name", "--map", "C=email", "--map", "D=ignore"]
    run(path, "--source", "agency", "--kind", "freelancer", "--encoding", "utf-16", "--delimiter", ",", *said)

    member = Member.objects.get()
    assert (member.source, member.is_freelancer, member.is_alumnus) == ("agency", True, False)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "empty"), (b"%PDF-1.7", "PDF"), (b"Lieve lezer\n", "no column with a private e-mail address")],
)
def test_an_unreadable_file_is_a_failure(organisation: Organisation, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said) as caught:
        run(path)
    assert caught.value.returncode == 1
    assert not Import.objects.exists()


def test_a_file_that_is_not_there_is_a_failure(organisation: Organisation, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nope.csv")


def test_a_mapping_without_a_field_is_refused(leavers: Path) -> None:
    with pytest.raises(CommandError, match="HEADER=FIELD"):
        run(leavers, "--map", "Functie")


def test_the_examples_come_in_with_every_kind_of_dirt(organisation: Organisation) -> None:
    leavers, freelancers = EXAMPLES / "leavers.csv", EXAMPLES / "freelancers.xlsx"
    assert run(leavers)[-1] == "254 rows; did: another employment 7, new member 220, error 20, nothing new 7."
    assert run(freelancers)[-1] == "64 rows; did: new member 59, error 5."
    assert run(leavers)[-1] == "254 rows; did: error 20, nothing new 234."

    codes = {
        error["code"]
        for batch in Import.objects.all()
        for row in batch.rows.filter(action="error")
        for error in row.errors
    }
    assert codes == {
        *("control_characters", "formula", "lost_characters", "email", "required", "date", "order", "too_long"),
        *("too_many_values", "old_vat_id", "kvk"),
    }
    assert (Member.objects.count(), Employment.objects.count(), FreelanceProfile.objects.count()) == (279, 227, 59)
    assert not ConsentEvent.objects.exists()


def test_the_examples_are_what_the_script_makes(monkeypatch: Any) -> None:
    import runpy

    made = runpy.run_path(str(EXAMPLES.parent / "scripts" / "make_examples.py"))
    assert made["leavers"]() == (EXAMPLES / "leavers.csv").read_bytes()
    # The bytes of a workbook depend on the zlib that packed it; what is in it does not.
    assert _cells(made["freelancers"]()) == _cells((EXAMPLES / "freelancers.xlsx").read_bytes())


def _cells(content: bytes) -> list[tuple[Any, ...]]:
    from openpyxl import load_workbook

    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
