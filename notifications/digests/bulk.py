"""Writes many rows in one go: COPY on PostgreSQL, executemany on SQLite. `bulk_create` is some 30 times slower.

The two databases differ here, and nowhere else in this room.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models

_AS_IT_IS = (models.IntegerField, models.AutoField, models.BooleanField, models.ForeignKey)


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys. On SQLite only inside a transaction (ours write from the start)."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        return list(range(first, first + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of Python values for these fields (by attname). All columns without a default must be among them.

    Raises IntegrityError as any insert; the caller's transaction decides what that undoes.
    """
    if not rows:
        return
    fields = _fields(model, columns)
    prepare = [_prepared(field) for field in fields]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    table = quote(model._meta.db_table)
    ready = ([do(value) if do else value for do, value in zip(prepare, row, strict=True)] for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(ready))  # noqa: S608


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """Set these columns of rows [(primary key, values)], each to its own values; returns how many there were."""
    if not rows:
        return 0
    fields = _fields(model, columns)
    prepare = [_prepared(field) for field in fields]
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    ready = [
        [*(do(value) if do else value for do, value in zip(prepare, values, strict=True)), pk] for pk, values in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE id = %s", ready)  # noqa: S608
        return cursor.rowcount


def _fields(model: type[models.Model], columns: Sequence[str]) -> list[Any]:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in columns]


def _prepared(field: Any) -> Callable[[Any], Any] | None:
    """How a value of this field is written; None where it goes as it is."""
    if isinstance(field, _AS_IT_IS):
        return None
    return lambda value: field.get_db_prep_save(value, connection)
