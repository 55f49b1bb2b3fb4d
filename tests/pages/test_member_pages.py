"""The pages of members and visitors in a real browser: they do what they say, and can be read by everybody."""

from typing import Any

import pytest

from alumni.consent.models import ConsentState
from alumni.members.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOOR = {
    "given_name": "Noor",
    "infix": "",
    "family_name": "Bakker",
    "language": "nl",
    "is_alumnus": True,
    "is_freelancer": False,
}


def in_force(member: Member) -> set[str]:
    return set(ConsentState.objects.filter(member=member, state="given").values_list("purpose", flat=True))


def test_front_page_and_sign_up(visitor: Any, notices: None, looks_right: Any) -> None:
    for path in ("/", "/join/", "/accounts/login/", "/not-there/"):
        looks_right(visitor, path)
