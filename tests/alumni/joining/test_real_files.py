"""The real exports, where REAL_DATA points to their folder. They are somebody else's and are not in the repository."""

import os
from collections import Counter
from pathlib import Path

import pytest

from alumni.accounts.models import Organisation
from alumni.consent.models import ConsentEvent
from alumni.joining import imports
from alumni.joining.models import Import
from alumni.members.models import Employment, FreelanceProfile, Member

FOLDER = os.environ.get("REAL_DATA", "")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not (Path(FOLDER) / "leavers.csv").is_file(), reason="REAL_DATA names no folder with leavers.csv"
    ),
]


def bring_in(name: str) -> Import:
    with (Path(FOLDER) / name).open("rb") as stream:
        batch = imports.stage(source="hr", filename=name, stream=stream, by=None)
    before = dict(batch.counts)
    batch = imports.apply(batch=batch)
    assert batch.counts == before  # the dry run told the truth
    return batch


def test_the_leavers_land_once(organisation: Organisation) -> None:
    batch = bring_in("leavers.csv")

    codes = Counter(error["code"] for row in batch.rows.filter(action="error") for error in row.errors[:1])
    assert batch.total == 616
    assert batch.counts == {"create": 571, "add_employment": 6, "skip": 10, "error": 29}
    assert codes == {
        "lost_characters": 11,
        "too_long": 4,
        "formula": 4,
        "email": 4,
        "control_characters": 2,
        "date": 2,
        "order": 1,
        "too_many_values": 1,
    }
    assert Member.objects.count() == 571
    assert Employment.objects.count() == 577
    assert not ConsentEvent.objects.exists()

    assert bring_in("leavers.csv").counts == {"skip": 587, "error": 29}
    assert Member.objects.count() == 571


def test_the_freelancers_land_with_skills_and_rates(organisation: Organisation) -> None:
    batch = bring_in("freelancers.xlsx")

    assert batch.counts == {"create": 173, "error": 7}
    assert FreelanceProfile.objects.count() == 173
    assert bring_in("freelancers.xlsx").counts == {"skip": 173, "error": 7}
