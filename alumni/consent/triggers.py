"""Triggers that keep the ledger append-only, on SQLite and PostgreSQL, also against SQL by mistake.

Set after every migrate, since SQLite drops them when a migration rebuilds a table. On SQLite `INSERT OR REPLACE` passes
a trigger on DELETE, so a guard before INSERT refuses it on every connection without a pragma. TRUNCATE (PostgreSQL) is
refused while the table holds anything. What they refuse is an IntegrityError on both databases.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, transaction

from alumni.consent.models import ConsentEvent, ConsentEvidence, ConsentRecord, Notice, NoticeText

FUNCTION = "kring_refuse"


@dataclass(frozen=True)
class Guard:
    """What one table refuses. `unique`: the sets of columns by which REPLACE would find a row to overwrite;
    `update_when`, `delete_when`: SQL conditions on OLD and NEW, in words that both databases know."""

    table: str
    unique: tuple[tuple[str, ...], ...]
    update_when: str = "1 = 1"
    delete_when: str = "1 = 1"


def _differs(column: str) -> str:
    """True when a column was changed, nulls included. SQLite says `IS NOT` for it (the standard's words since 3.39)."""
    return f"NEW.{column} IS DISTINCT FROM OLD.{column}"


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(_differs(column) for column in columns) + ")"


GUARDS = (
    Guard(ConsentEvent._meta.db_table, unique=(("seq",), ("event_uid",))),
    Guard(ConsentRecord._meta.db_table, unique=(("id",), ("uid",), ("principal_uid", "notice_text_id"))),
    Guard(
        ConsentEvidence._meta.db_table,
        unique=(("seq",),),
        # It may be blanked, and nothing else.
        update_when=f"{_differs('seq')} OR (NEW.person IS NOT NULL AND {_differs('person')}) "
        f"OR (NEW.link IS NOT NULL AND {_differs('link')})",
    ),
    Guard(NoticeText._meta.db_table, unique=(("id",), ("notice_id", "language"))),
    Guard(
        Notice._meta.db_table,
        unique=(("id",), ("purpose", "version")),
        # `published_by_id` may go when that person's account goes.
        update_when="OLD.published_at IS NOT NULL AND "
        + _changed("id", "purpose", "version", "change_kind", "validity_months", "published_at"),
        delete_when="OLD.published_at IS NOT NULL",
    ),
)


def _words(table: str, what: str) -> str:
    return f"{table} is append-only: {what} refused"


def _sqlite(guard: Guard) -> dict[str, str]:
    """{trigger name: its SQL} for SQLite."""
    table = guard.table
    update_when = guard.update_when.replace("IS DISTINCT FROM", "IS NOT")
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in columns) + ")" for columns in guard.unique
    )
    bodies = {
        "update": f"BEFORE UPDATE ON {table} WHEN {update_when}",
        "delete": f"BEFORE DELETE ON {table} WHEN {guard.delete_when}",
        "replace": f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})",  # noqa: S608
    }
    return {
        f"{table}_no_{what}": f"CREATE TRIGGER {table}_no_{what} {body} "
        f"BEGIN SELECT RAISE(ABORT, '{_words(table, what)}'); END"
        for what, body in bodies.items()
    }


def _postgresql(guard: Guard) -> dict[str, str]:
    """{trigger name: its SQL} for PostgreSQL."""
    table = guard.table
    bodies = {
        "update": f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({guard.update_when})",
        "delete": f"BEFORE DELETE ON {table} FOR EACH ROW WHEN ({guard.delete_when})",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT",
    }
    return {
        f"{table}_no_{what}": f"CREATE TRIGGER {table}_no_{what} {body} "
        f"EXECUTE FUNCTION {FUNCTION}('{_words(table, what)}')"
        for what, body in bodies.items()
    }


# A statement's trigger cannot see rows, so it looks whether there are any.
_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    holds_rows boolean := true;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I)', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO holds_rows;
    END IF;
    IF holds_rows THEN
        RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$
"""  # noqa: S608  names of our own tables and columns


def _wanted(using: str) -> dict[str, tuple[str, str]]:
    """{trigger name: (table, SQL)} of the database behind a connection."""
    make = _sqlite if connections[using].vendor == "sqlite" else _postgresql
    return {name: (guard.table, sql) for guard in GUARDS for name, sql in make(guard).items()}


def install(using: str = "default") -> None:
    """Set every trigger anew."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _drop(using)
        if connections[using].vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for _table, sql in _wanted(using).values():
            cursor.execute(sql)
        if connections[using].vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _drop(using: str) -> None:
    on_table = connections[using].vendor == "postgresql"
    with connections[using].cursor() as cursor:
        for name, (table, _sql) in _wanted(using).items():
            cursor.execute(
                f"DROP TRIGGER IF EXISTS {name} ON {table}" if on_table else f"DROP TRIGGER IF EXISTS {name}"
            )


def missing(using: str = "default") -> list[str]:
    """The names of triggers that are not there, or are switched off. None are missed before the tables exist."""
    connection = connections[using]
    if ConsentEvent._meta.db_table not in connection.introspection.table_names():
        return []
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return sorted(_wanted(using).keys() - present)


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the triggers, for the tests that empty the ledger or tamper with it. Nothing else may use it."""
    _drop(using)
    try:
        yield
    finally:
        install(using)
