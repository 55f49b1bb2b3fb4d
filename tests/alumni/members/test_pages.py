"""The member's own profile page."""

from collections.abc import Callable

import pytest
from django.test import Client

from alumni.accounts.models import User
from alumni.members.models import FreelanceProfile, Member, MemberSkill

Browser = Callable[[User | None], Client]


def _skills(member: Member) -> set[str]:
    return set(MemberSkill.objects.filter(member=member).values_list("skill__name", flat=True))


def test_a_member_changes_their_name_and_place(alice: Member, browser_of: Browser) -> None:
    page = browser_of(alice.user)
    sent = {
        "do": "profile",
        "given_name": "Alice",
        "infix": "van der",
        "family_name": "Berg",
        "city": "Gent",
        "country": "BE",
    }
    assert page.post("/account/", sent).status_code == 302

    alice.refresh_from_db()
    assert (alice.full_name, alice.city, alice.country) == ("Alice van der Berg", "Gent", "BE")


def test_a_name_with_a_line_break_is_refused_and_changes_nothing(alice: Member, browser_of: Browser) -> None:
    sent = {"do": "profile", "given_name": "Al\r\nBcc: x@y.example", "family_name": "Berg", "country": "NL"}
    answer = browser_of(alice.user).post("/account/", sent)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert Member.objects.get(pk=alice.pk).given_name == "Alice"


def test_skills_are_added_and_removed_one_by_one(alice: Member, browser_of: Browser) -> None:
    page = browser_of(alice.user)
    page.post("/account/", {"do": "skills", "add": "postgres, Django"})
    assert _skills(alice) == {"PostgreSQL", "Python", "Django"}

    page.post("/account/", {"do": "skills", "remove": "Python"})
    assert _skills(alice) == {"PostgreSQL", "Django"}


def test_rates_the_wrong_way_round_are_refused_at_the_field(carol: Member, browser_of: Browser) -> None:
    sent = {"do": "freelance", "rate_min": "95", "rate_max": "80", "rate_unit": "hour"}
    answer = browser_of(carol.user).post("/account/?language=en", sent)

    assert "The highest rate is below the lowest. Swap them." in answer.content.decode()
    assert str(FreelanceProfile.objects.get(member=carol).rate_min) == "80.00"


def test_looking_at_the_profile_changes_nothing(carol: Member, browser_of: Browser) -> None:
    page = browser_of(carol.user)
    before = list(Member.objects.values()), list(FreelanceProfile.objects.values())
    assert page.get("/account/").status_code == 200
    assert (list(Member.objects.values()), list(FreelanceProfile.objects.values())) == before


def test_the_page_shows_a_member_only_their_own(alice: Member, bob: Member, browser_of: Browser) -> None:
    page = browser_of(bob.user).get("/account/").content.decode()
    assert "PostgreSQL" not in page
    assert alice.email not in page


def test_nobody_sees_it_without_logging_in(alice: Member, browser_of: Browser) -> None:
    answer = browser_of(None).get("/account/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_hr_without_a_membership_goes_to_the_back_office(author: User, browser_of: Browser) -> None:
    assert browser_of(author).get("/account/").headers["Location"] == "/office/"
