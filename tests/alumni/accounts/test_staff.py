"""Appointing people of HR."""

import pytest
from django.core.management import CommandError, call_command

from alumni.accounts.models import User
from alumni.accounts.roles import scopes_of


@pytest.mark.django_db
def test_somebody_of_hr_is_appointed_with_exactly_the_roles_named() -> None:
    call_command("staff", "Ada@Maasveld.example", "--name", "Ada Beheer", "--role", "author", "--role", "approver")
    call_command("staff", "ada@maasveld.example", "--role", "reader")

    ada = User.objects.get()
    assert (ada.email, ada.name, ada.is_staff) == ("ada@maasveld.example", "Ada Beheer", True)
    assert [group.name for group in ada.groups.all()] == ["reader"]
    assert "posts:write" not in scopes_of(ada)
    assert not ada.has_usable_password()


@pytest.mark.django_db
def test_a_wrong_address_appoints_nobody() -> None:
    with pytest.raises(CommandError, match="complete e-mail address"):
        call_command("staff", "ada@", "--role", "reader")
    assert not User.objects.exists()
