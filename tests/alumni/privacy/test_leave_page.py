"""Leaving altogether."""

from collections.abc import Callable

from django.test import Client

from alumni.accounts.models import User
from alumni.members.models import Member

Browser = Callable[[User | None], Client]


def test_asking_for_the_page_erases_nobody(alice: Member, browser_of: Browser) -> None:
    assert browser_of(alice.user).get("/account/leave/").status_code == 200
    assert Member.objects.filter(pk=alice.pk).exists()


def test_a_member_erases_themselves_and_nobody_else(alice: Member, bob: Member, browser_of: Browser) -> None:
    page = browser_of(alice.user)
    answer = page.post("/account/leave/")

    assert "gewist" in answer.content.decode()
    assert list(Member.objects.values_list("given_name", flat=True)) == ["Bob"]
    assert page.get("/account/").status_code == 302
