"""What an import does to people, and what it never does."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alumni.accounts.models import Organisation
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.joining import imports
from alumni.joining.models import Import, ImportRow
from alumni.members.models import Employment, FreelanceProfile, Member, MemberSkill, Skill, SkillAlias
from backend.http.errors import Conflict, InvalidInput
from notifications.mail.models import ServiceMail
from tests.alumni.joining.files import FATIMA, HEADERS, NATHAN, csv_file, workbook

pytestmark = pytest.mark.django_db
Run = Callable[..., Import]
BAD = "3;Bad;;Row;bad at thuis.example;Rol;31-02-2025;;ja;nl"


def counts(batch: Import) -> dict[str, int]:
    return {action: number for action, number in batch.counts.items() if number}


def test_good_rows_land_and_bad_ones_do_not_stop_them(bring_in: Run) -> None:
    batch = bring_in(csv_file(NATHAN, BAD, FATIMA))

    assert counts(batch) == {"create": 2, "error": 1}
    assert (batch.state, batch.total, batch.done) == ("applied", 3, 3)
    [bad] = batch.rows.filter(action="error")
    assert (bad.line, [error["column"] for error in bad.errors]) == (3, ["E-mail privé", "Datum in dienst"])
    nathan = Member.objects.get(email="nathan@thuis.example")
    assert (nathan.full_name, nathan.sort_name, nathan.source) == ("Nathan van der Kamp", "kamp, nathan van der", "hr")
    assert (nathan.is_alumnus, nathan.is_freelancer, nathan.joined_at, nathan.user) == (True, False, None, None)
    [employment] = nathan.employments.all()
    assert (employment.started_on, employment.ended_on) == (dt.date(2020, 2, 12), dt.date(2026, 10, 31))


def test_staging_changes_nobody(stage: Run) -> None:
    batch = stage(csv_file(NATHAN, BAD))
    assert (batch.state, counts(batch)) == ("staged", {"create": 1, "error": 1})
    assert not Member.objects.exists()


def test_a_file_in_which_everybody_says_yes_makes_no_consent_and_no_mail(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN, FATIMA.replace(";nee;", ";ja;")))

    assert set(Member.objects.values_list("permission_remark", flat=True)) == {"yes"}
    assert not ConsentEvent.objects.exists()
    assert not ConsentState.objects.exists()
    assert not ServiceMail.objects.exists()


def test_yes_and_no_are_kept_with_file_row_and_day(bring_in: Run) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        bring_in(csv_file(NATHAN, FATIMA), filename="C:\\exports\\vertrekkers.csv")

    remarks = dict(Member.objects.values_list("given_name", "permission_remark"))
    assert remarks == {"Nathan": "yes", "Fatima": "no"}
    assert Member.objects.get(given_name="Nathan").permission_remark_from == "vertrekkers.csv, 2, 2026-11-21"


def test_a_no_is_not_taken_back_by_a_later_yes(bring_in: Run) -> None:
    bring_in(csv_file(FATIMA))
    batch = bring_in(csv_file(FATIMA.replace(";nee;", ";ja;")))

    assert counts(batch) == {"skip": 1}
    assert Member.objects.get().permission_remark == "no"


def test_a_yes_becomes_a_no(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    assert counts(bring_in(csv_file(NATHAN.replace(";ja;", ";nee;")))) == {"update": 1}
    assert Member.objects.get().permission_remark == "no"


def test_the_same_file_twice_changes_nothing(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN, FATIMA))
    before = list(Member.objects.order_by("pk").values())

    assert counts(bring_in(csv_file(NATHAN, FATIMA))) == {"skip": 2}
    assert list(Member.objects.order_by("pk").values()) == before
    assert Employment.objects.count() == 2


def test_somebody_twice_in_a_file_is_one_person(bring_in: Run) -> None:
    again = NATHAN.replace("nathan@", "NATHAN@")
    assert counts(bring_in(csv_file(NATHAN, again))) == {"create": 1, "skip": 1}
    assert Member.objects.count() == Employment.objects.count() == 1


def test_two_employments_are_one_person_with_two(bring_in: Run) -> None:
    earlier = "91;Nathan;van der;Kamp;nathan@thuis.example;Leerling;01-01-2001;31-12-2002;ja;nl"
    assert counts(bring_in(csv_file(NATHAN, earlier))) == {"create": 1, "add_employment": 1}
    assert Member.objects.count() == 1
    assert set(Employment.objects.values_list("role", flat=True)) == {"Verpleegkundige", "Leerling"}


def test_people_far_apart_in_a_file_are_still_one(bring_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alumni.joining.staging.CHUNK", 2)
    monkeypatch.setattr("alumni.joining.applying.CHUNK", 2)
    others = [f"{n};Piet;;Jansen{n};piet{n}@thuis.example;Rol;01-01-2010;;;nl" for n in range(10, 15)]
    earlier = "91;Nathan;van der;Kamp;nathan@thuis.example;Leerling;01-01-2001;31-12-2002;ja;nl"

    assert counts(bring_in(csv_file(NATHAN, *others, earlier, NATHAN))) == {
        "create": 6,
        "add_employment": 1,
        "skip": 1,
    }


def test_known_people_are_brought_up_to_date(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    batch = bring_in(csv_file(NATHAN.replace("Verpleegkundige", "Praktijkbegeleider").replace(";nl", ";en")))

    assert counts(batch) == {"update": 1}
    member = Member.objects.get()
    assert (member.language, member.version) == ("en", 2)
    assert Employment.objects.get().role == "Praktijkbegeleider"


def test_a_new_address_is_known_by_the_personnel_number(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    assert counts(bring_in(csv_file(NATHAN.replace("nathan@", "n.kamp@")))) == {"update": 1}

    member = Member.objects.get()
    assert (member.email, member.email_key) == ("n.kamp@thuis.example", "n.kamp@thuis.example")


def test_a_personnel_number_counts_within_its_source_only(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    other = NATHAN.replace("Nathan", "Sofie").replace("Kamp", "Maes").replace("nathan@", "sofie@")
    assert counts(bring_in(csv_file(other), source="dochter bv")) == {"create": 1}


def test_an_employment_that_another_source_told_is_not_told_twice(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    assert counts(bring_in(csv_file(NATHAN), source="hr export")) == {"skip": 1}
    assert Employment.objects.count() == 1


def test_an_address_of_somebody_with_another_name_is_a_bad_row(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    stranger = "8;Sofie;;Maes;nathan@thuis.example;Rol;01-01-2010;;;nl"
    batch = bring_in(csv_file(stranger))

    assert counts(batch) == {"error": 1}
    assert batch.rows.get().errors[0]["code"] == "another_name"
    assert Member.objects.get().given_name == "Nathan"


def test_an_address_and_a_number_of_two_people_are_a_bad_row(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN, FATIMA))
    mixed = NATHAN.replace("1;Nathan", "2;Nathan")
    batch = bring_in(csv_file(mixed))

    assert batch.rows.get().errors[0]["code"] == "two_people"
    assert Member.objects.count() == 2


def test_what_a_joined_member_keeps_is_not_overwritten(bring_in: Run, alice: Member) -> None:
    joined = alice.joined_at
    row = f"7;Alicia;;de Vries;{alice.email};Adviseur;01-01-2015;31-12-2025;nee;en"
    batch = bring_in(csv_file(row))

    assert counts(batch) == {"add_employment": 1}
    alice.refresh_from_db()
    assert (alice.given_name, alice.language, alice.permission_remark, alice.joined_at) == ("Alice", "nl", "", joined)
    assert alice.employments.get().role == "Adviseur"
    assert alice.consent_states.filter(state="given").count() == 4


def test_suppressed_people_are_counted_and_nobody_learns_who(bring_in: Run) -> None:
    suppression.suppress(email="Nathan@Thuis.example", reason="objected")
    batch = bring_in(csv_file(NATHAN, FATIMA))

    assert counts(batch) == {"create": 1, "suppressed": 1}
    assert batch.done == batch.total == 2
    assert not ImportRow.objects.filter(line=2).exists()
    assert not Member.objects.filter(email__icontains="nathan").exists()
    assert suppression.is_suppressed("nathan@thuis.example")


def test_somebody_suppressed_between_looking_and_applying_is_left_out(stage: Run) -> None:
    batch = stage(csv_file(NATHAN, FATIMA))
    suppression.suppress(email="nathan@thuis.example", reason="erased_do_not_contact")
    batch = imports.apply(batch=batch)

    assert counts(batch) == {"create": 1, "suppressed": 1}
    assert not Member.objects.filter(given_name="Nathan").exists()


def test_applied_rows_hold_nothing_of_the_person(bring_in: Run) -> None:
    batch = bring_in(csv_file(NATHAN, BAD))
    [row] = batch.rows.filter(action="create")

    assert (row.applied, row.parsed, row.email_key) == (True, {}, "")
    assert "thuis.example" not in str(list(batch.rows.filter(action="error").values_list("parsed", flat=True)))


def test_what_is_not_staged_cannot_be_applied(organisation: Organisation) -> None:
    batch = Import.objects.create(source="hr", filename="x", file_sha256="", state="failed")
    with pytest.raises(Conflict):
        imports.apply(batch=batch)


def test_applying_twice_changes_nothing(stage: Run) -> None:
    batch = imports.apply(batch=stage(csv_file(NATHAN)))
    again = imports.apply(batch=batch)
    assert (again.state, counts(again), Member.objects.count()) == ("applied", {"create": 1}, 1)


def test_a_file_that_stops_halfway_leaves_nothing_behind(stage: Run, settings: Any) -> None:
    settings.IMPORT_MAX_ROWS = 2
    with pytest.raises(InvalidInput) as caught:
        stage(csv_file(NATHAN, FATIMA, BAD))

    assert caught.value.code == "too_many_rows"
    assert not Import.objects.exists()
    assert not ImportRow.objects.exists()


def test_a_chunk_costs_the_same_queries_for_two_people_and_for_two_hundred(stage: Run) -> None:
    def cost(first: int, number: int) -> int:
        rows = [f"{n};Piet;;Jansen{n};p{n}@thuis.example;Rol;01-01-2010;;;nl" for n in range(first, first + number)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            imports.apply(batch=stage(csv_file(*rows)))
        # bulk_create splits by the number of parameters that SQLite takes: count statements by their beginning.
        return len({query["sql"][:60] for query in queries})

    assert cost(1000, 2) == cost(2000, 200)


FREELANCERS = ["Naam", "E-mail", "Bedrijfsnaam", "KvK", "Uurtarief", "Uren p/w", "Beschikbaar vanaf", "Vaardigheden"]
JAN = ["Jan de Wit", "jan@thuis.example", "Wit Advies", "20560726", "80-95", "24-32", "per direct", "postgres; Python"]


def test_freelancers_land_with_profile_and_skills(bring_in: Run) -> None:
    postgres = Skill.objects.get_or_create(key="postgresql", defaults={"name": "PostgreSQL"})[0]
    SkillAlias.objects.get_or_create(key="postgres", defaults={"skill": postgres})
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        batch = bring_in(workbook(FREELANCERS, JAN))

    assert counts(batch) == {"create": 1}
    profile = FreelanceProfile.objects.get()
    assert (str(profile.rate_min), str(profile.rate_max), profile.hours_min) == ("80.00", "95.00", 24)
    assert profile.available_from == dt.date(2026, 11, 21)
    assert profile.available_confirmed_on is None  # the company says so, not the person
    names = set(MemberSkill.objects.values_list("skill__name", flat=True))
    assert names == {"PostgreSQL", "Python"}
    assert profile.member.is_freelancer
    assert not profile.member.is_alumnus


def test_the_same_freelancers_a_day_later_change_nothing(bring_in: Run) -> None:
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        bring_in(workbook(FREELANCERS, JAN))
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        assert counts(bring_in(workbook(FREELANCERS, JAN))) == {"skip": 1}
    assert FreelanceProfile.objects.get().available_from == dt.date(2026, 11, 21)


def test_a_freelancer_of_before_is_brought_up_to_date(bring_in: Run) -> None:
    bring_in(workbook(FREELANCERS, JAN))
    changed = [*JAN[:4], 100, *JAN[5:7], "Python; Kubernetes"]
    assert counts(bring_in(workbook(FREELANCERS, changed))) == {"update": 1}

    assert str(FreelanceProfile.objects.get().rate_max) == "100.00"
    assert MemberSkill.objects.count() == 3


def test_a_leaver_who_comes_back_as_freelancer_is_one_person(bring_in: Run) -> None:
    bring_in(csv_file(NATHAN))
    row = ["Nathan van der Kamp", "nathan@thuis.example", *JAN[2:]]
    assert counts(bring_in(workbook(FREELANCERS, row))) == {"update": 1}

    member = Member.objects.get()
    assert (member.is_alumnus, member.is_freelancer) == (True, True)


def test_a_new_beginning_after_the_known_end_takes_the_end_away(bring_in: Run) -> None:
    until = [*FREELANCERS[:7], "Beschikbaar tot"]
    bring_in(workbook(until, [*JAN[:6], "2027-01-01", "2027-03-01"]))
    bring_in(workbook(FREELANCERS[:7], [*JAN[:6], "2027-06-01"]))

    profile = FreelanceProfile.objects.get()
    assert (profile.available_from, profile.available_until) == (dt.date(2027, 6, 1), None)


@pytest.mark.parametrize("column", ["Geboortedatum", "BSN"])
def test_a_birth_date_and_a_national_number_reach_no_table(bring_in: Run, column: str) -> None:
    batch = bring_in(csv_file(f"{NATHAN};123456782", headers=f"{HEADERS};{column}"))

    assert counts(batch) == {"create": 1}
    assert [remark["code"] for remark in batch.remarks] == ["not_kept"]
    assert "123456782" not in str(list(ImportRow.objects.values())) + str(list(Member.objects.values()))


def test_two_exports_at_once_make_one_person(stage: Run) -> None:
    first, second = stage(csv_file(NATHAN)), stage(csv_file(NATHAN))
    imports.apply(batch=first)
    second = imports.apply(batch=second)

    assert counts(second) == {"skip": 1}
    assert Member.objects.count() == 1


def test_progress_is_told_by_chunk(stage: Run) -> None:
    heard: list[int] = []
    batch = stage(csv_file(NATHAN, FATIMA, BAD), progress=heard.append)
    imports.apply(batch=batch, progress=heard.append)
    assert heard == [3, 2]


def test_the_stream_stays_the_callers(stage: Run) -> None:
    stream: io.BytesIO = csv_file(NATHAN)
    stage(stream)
    assert not stream.closed
