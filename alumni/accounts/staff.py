"""The people of HR who use the back office."""

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from alumni.accounts.models import User
from alumni.accounts.roles import Role
from backend.http.errors import InvalidInput


@transaction.atomic
def appoint(*, email: str, name: str = "", roles: list[str]) -> User:
    """Make somebody a person of HR with exactly these roles; a user who exists already keeps their name unless given.

    Raises InvalidInput for an address that is none or a role that does not exist.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(
            "This is not a complete e-mail address. For example: name@company.com", code="email", field="email"
        ) from error
    if unknown := sorted(set(roles) - set(Role.values)):
        known = ", ".join(Role.values)
        raise InvalidInput(f"There is no role {', '.join(unknown)}. Known: {known}.", code="unknown_role", field="role")
    user = User.objects.filter(email=email.strip().lower()).first() or User.objects.create_user(email)
    user.name = name or user.name
    user.is_staff = True
    user.is_active = True
    user.save()
    user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return user
