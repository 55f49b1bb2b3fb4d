"""A group for each role, so that people can be appointed."""

from django.contrib.auth.models import Group
from django.db import connections

from alumni.accounts.roles import Role


def after_migrate(using: str) -> None:
    """Make those that are missing; nothing while Django's own table is not there yet."""
    if Group._meta.db_table in connections[using].introspection.table_names():
        for role in Role.values:
            Group.objects.using(using).get_or_create(name=role)
