"""The aliases that every installation begins with."""

import pytest

from alumni.members import skill_aliases
from alumni.members.models import Skill, SkillAlias
from alumni.members.skills import resolve, skill_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("k8s", "Kubernetes"),
        ("Postgres", "PostgreSQL"),
        ("react.js", "React"),
        ("POWER-BI", "Power BI"),
        ("js", "JavaScript"),
    ],
)
def test_what_people_write_leads_to_the_skill_they_mean(written: str, meant: str) -> None:
    before = Skill.objects.count()
    assert resolve([written])[skill_key(written)].name == meant
    assert Skill.objects.count() == before


def test_making_the_aliases_again_changes_nothing() -> None:
    before = set(SkillAlias.objects.values_list("key", "skill_id"))
    skill_aliases.ensure("default")
    assert set(SkillAlias.objects.values_list("key", "skill_id")) == before


def test_a_skill_that_somebody_listed_under_an_alias_stays_theirs() -> None:
    SkillAlias.objects.filter(key="k8s").delete()
    listed = Skill.objects.create(name="K8S", key="k8s")
    skill_aliases.ensure("default")
    assert not SkillAlias.objects.filter(key="k8s").exists()
    assert resolve(["k8s"])["k8s"] == listed


def test_each_alias_leads_to_one_skill_and_is_the_name_of_none() -> None:
    names = [skill_key(name) for name in skill_aliases.ALIASES]
    aliases = [skill_key(alias) for others in skill_aliases.ALIASES.values() for alias in others]
    written = sorted(names + aliases)
    assert written == sorted(set(written)), "written twice"
