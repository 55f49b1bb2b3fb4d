"""What a profile may become, and that nobody's change gets lost."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from alumni.members import profile
from alumni.members.models import FreelanceProfile, Member
from backend.http.errors import InvalidInput, LostUpdate

pytestmark = pytest.mark.django_db


def refused(**values: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        profile.check_freelance(values)
    return [(field, code) for field, code, _message in caught.value.errors]


def test_a_change_raises_the_version_and_keeps_the_order_true(alice: Member) -> None:
    before = alice.version
    profile.update(member=alice, changes={"family_name": "Çelik", "city": "Gent", "country": "be"})

    stored = Member.objects.get(pk=alice.pk)
    assert (stored.family_name, stored.city, stored.country, stored.version) == ("Çelik", "Gent", "BE", before + 1)
    assert stored.sort_name == "celik, alice"
    assert (alice.version, alice.sort_name) == (stored.version, stored.sort_name)


def test_a_change_that_changes_nothing_raises_no_version(alice: Member) -> None:
    before = alice.version
    profile.update(member=alice, changes={"city": "Utrecht"})
    assert Member.objects.get(pk=alice.pk).version == before


def test_of_two_changes_on_one_version_the_second_is_refused(alice: Member) -> None:
    seen = alice.version
    profile.update(member=alice, changes={"city": "Zeist"}, expected_version=seen)
    for write in (
        lambda: profile.update(member=alice, changes={"city": "Gent"}, expected_version=seen),
        lambda: profile.set_skills(member=alice, names=["Java"], expected_version=seen),
        lambda: profile.set_freelance(member=alice, values={"kvk": "12345678"}, expected_version=seen),
        lambda: profile.remove_freelance(member=alice, expected_version=seen),
    ):
        with pytest.raises(LostUpdate):
            write()
    assert Member.objects.get(pk=alice.pk).city == "Zeist"
    assert not FreelanceProfile.objects.filter(member=alice).exists()


def test_every_field_at_fault_is_named_and_nothing_is_written(alice: Member) -> None:
    changes = {"given_name": "", "language": "de", "timezone": "Mars/Base", "country": "XX", "shoe_size": 44}
    with pytest.raises(InvalidInput) as caught:
        profile.update(member=alice, changes=changes | {"city": "Gent"})

    assert {field: code for field, code, _message in caught.value.errors} == {
        "given_name": "required",
        "language": "unknown_choice",
        "timezone": "unknown_choice",
        "country": "unknown_choice",
        "shoe_size": "unknown_field",
    }
    assert Member.objects.get(pk=alice.pk).city == "Utrecht"


def test_a_freelance_profile_keeps_what_is_not_named(alice: Member) -> None:
    profile.set_freelance(member=alice, values={"kvk": "1234 5678", "rate_min": Decimal(80), "rate_max": Decimal(95)})
    profile.set_freelance(member=alice, values={"trade_name": "De Vries Advies"})

    found = FreelanceProfile.objects.get(member=alice)
    assert (found.kvk, found.rate_max, found.trade_name) == ("12345678", Decimal(95), "De Vries Advies")
    assert found.available_confirmed_on is None
    assert Member.objects.get(pk=alice.pk).is_freelancer


def test_naming_availability_confirms_it_on_the_members_own_day(alice: Member) -> None:
    with time_machine.travel("2026-11-21T23:30:00Z", tick=False):
        profile.set_freelance(member=alice, values={"available_from": dt.date(2027, 1, 4)})
    assert FreelanceProfile.objects.get(member=alice).available_confirmed_on == dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"rate_min": Decimal(95), "rate_max": Decimal(80)}, "rate_max", "order"),
        ({"rate_min": Decimal(0)}, "rate_min", "rate"),
        ({"rate_max": Decimal("1e9")}, "rate_max", "rate"),
        ({"hours_min": 40, "hours_max": 24}, "hours_max", "order"),
        ({"hours_max": 81}, "hours_max", "hours"),
        ({"available_from": dt.date(2027, 2, 1), "available_until": dt.date(2027, 1, 1)}, "available_until", "order"),
        ({"kvk": "1234567"}, "kvk", "kvk"),
        ({"enterprise_no": "1000000017"}, "enterprise_no", "enterprise_no"),
        ({"vat_id": "NL004495445B01"}, "vat_id", "old_vat_id"),
        ({"currency": "USD"}, "currency", "unknown_choice"),
        ({"trade_name": "A\r\nBcc: x"}, "trade_name", "control_characters"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, Any], field: str, code: str) -> None:
    assert refused(**values) == [(field, code)]


def test_a_new_highest_rate_below_the_kept_lowest_is_refused(alice: Member) -> None:
    profile.set_freelance(member=alice, values={"rate_min": Decimal(80), "rate_max": Decimal(95)})
    with pytest.raises(InvalidInput):
        profile.set_freelance(member=alice, values={"rate_max": Decimal(70)})
    assert FreelanceProfile.objects.get(member=alice).rate_max == Decimal(95)


def test_without_a_profile_a_former_colleague_is_no_freelancer(alice: Member, carol: Member) -> None:
    profile.set_freelance(member=alice, values={})
    profile.remove_freelance(member=alice)
    profile.remove_freelance(member=carol)

    assert not Member.objects.get(pk=alice.pk).is_freelancer
    assert Member.objects.get(pk=carol.pk).is_freelancer  # she is nothing else
    assert not FreelanceProfile.objects.exists()


def test_skills_are_kept_once_however_they_are_written(alice: Member) -> None:
    profile.set_skills(member=alice, names=["PostgreSQL", "postgre sql", "C", "C++", "C#", "  "])
    names = set(alice.member_skills.values_list("skill__name", flat=True))
    assert names == {"PostgreSQL", "C", "C++", "C#"}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ([f"s{i}" for i in range(51)], "too_many"),
        (["!!!"], "skill"),
        (["x" * 101], "too_long"),
        (["a\nb"], "control_characters"),
    ],
)
def test_skills_that_cannot_be_are_refused(alice: Member, names: list[str], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        profile.set_skills(member=alice, names=names)
    assert caught.value.code == code
    assert alice.member_skills.count() == 2
