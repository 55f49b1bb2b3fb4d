"""What must be there after every migrate: the triggers, and the ledger's one head."""

from django.db import connections

from alumni.consent import triggers
from alumni.consent.models import ConsentEvent, LedgerHead


def after_migrate(using: str) -> None:
    """Set the triggers anew and make the head where it is missing; nothing when our tables are not there (yet)."""
    if ConsentEvent._meta.db_table in connections[using].introspection.table_names():
        triggers.install(using)
        LedgerHead.objects.using(using).get_or_create(pk=1)
