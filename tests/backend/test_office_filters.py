"""A list of the office is filtered by what it offers, and by nothing else."""

from collections.abc import Callable

import pytest
from django.test import Client

from alumni.accounts.models import User
from alumni.members.models import Member

Browser = Callable[[User], Client]


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        # What a list does not show, its filters must not tell letter by letter.
        ("notifications/servicemail/?to__startswith=alice", 400),
        ("notifications/servicemail/?body__contains=code", 400),
        ("notifications/servicemail/?dedupe_key__startswith=a", 400),
        ("alumni/member/?user__email__startswith=alice", 400),
        ("alumni/invitation/?token_sha256__startswith=0", 400),
        ("notifications/servicemail/?state__exact=planned&kind=opt_in", 200),
        ("alumni/member/?state=joined&kind=alumnus&consent=gigs&q=alice&o=1", 200),
        ("notifications/digest/?run__id__exact=1&state__exact=planned", 200),
        ("notifications/post/?state__exact=in_review", 200),
    ],
)
def test_only_the_filters_of_a_list_are_taken(
    alice: Member, reader: User, browser_of: Browser, path: str, answer: int
) -> None:
    assert browser_of(reader).get(f"/office/{path}").status_code == answer
