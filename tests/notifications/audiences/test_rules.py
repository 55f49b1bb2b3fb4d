"""Which members an audience holds."""

import pytest

from alumni.members.models import Member
from backend.http.errors import InvalidInput
from notifications.audiences import rules
from notifications.audiences.after_migrate import after_migrate
from notifications.audiences.models import Audience

pytestmark = pytest.mark.django_db


def test_an_audience_holds_joined_members_of_its_kinds(alice, carol, make_member, audience_of):
    both = make_member("Daan", is_alumnus=True, freelance={})
    Member.objects.create(given_name="Eva", family_name="Smit", email="eva@thuis.example", is_alumnus=True)
    assert set(rules.members_of(audience_of("everybody"))) == {alice, carol, both}
    assert set(rules.members_of(audience_of("alumni"))) == {alice, both}
    assert set(rules.members_of(audience_of("freelancers"))) == {carol, both}


def test_one_member_is_held_as_the_set_is(alice, carol, audience_of):
    for code in ("everybody", "alumni", "freelancers"):
        audience = audience_of(code)
        for member in (alice, carol):
            asked = rules.holds(audience, is_alumnus=member.is_alumnus, is_freelancer=member.is_freelancer)
            assert asked == rules.members_of(audience).filter(pk=member.pk).exists()


NO_RULES = [None, [], {}, {"kinds": []}, {"kinds": "alumnus"}, {"kinds": ["boss"]}, {"kinds": [1]}]


@pytest.mark.parametrize("rule", [*NO_RULES, {"kinds": ["alumnus"], "x": 1}])
def test_a_rule_that_is_not_understood_is_refused(rule):
    with pytest.raises(InvalidInput):
        rules.members_of(Audience(rule=rule))


def test_a_rule_of_a_later_shape_is_refused():
    with pytest.raises(InvalidInput):
        rules.members_of(Audience(rule={"kinds": ["alumnus"]}, schema_version=2))


def test_a_second_migrate_adds_no_audience_and_changes_none():
    Audience.objects.filter(code="alumni").update(name="Oud-collega's")
    after_migrate(using="default")
    assert list(Audience.objects.values_list("code", flat=True)) == ["everybody", "alumni", "freelancers"]
    assert Audience.objects.get(code="alumni").name == "Oud-collega's"
