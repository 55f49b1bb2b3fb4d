"""The roles of HR, and what each may do: one table. Roles are Django groups of these names."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alumni.accounts.models import User


class Role(models.TextChoices):
    """A role of somebody who works in the back office."""

    READER = "reader", _("reader")
    AUTHOR = "author", _("author")
    APPROVER = "approver", _("approver")
    ADMINISTRATOR = "administrator", _("administrator")
    PRIVACY_OFFICER = "privacy_officer", _("privacy officer")


_READ = frozenset({"members:read", "posts:read", "digests:read", "drafts:read"})
_WRITE = _READ | {"members:write", "posts:write", "drafts:write"}

# Which scopes (backend.http.scopes.SCOPES) a role gives. Whoever has several has all of theirs.
SCOPES_OF: dict[str, frozenset[str]] = {
    Role.READER: _READ,
    Role.AUTHOR: _WRITE,
    Role.APPROVER: _WRITE | {"posts:publish", "digests:deliver"},
    Role.ADMINISTRATOR: _WRITE | {"posts:publish", "digests:deliver", "consents:read", "privacy:manage"},
    Role.PRIVACY_OFFICER: frozenset({"members:read", "consents:read", "digests:read", "privacy:manage"}),
}


def scopes_of(user: User) -> frozenset[str]:
    """The scopes of a person of HR by their roles; none for who is no (active) staff. Runs one query."""
    if not (user.is_active and user.is_staff):
        return frozenset()
    if user.is_superuser:
        return frozenset().union(*SCOPES_OF.values())
    names = user.groups.values_list("name", flat=True)
    return frozenset().union(*(SCOPES_OF.get(name, frozenset()) for name in names))
