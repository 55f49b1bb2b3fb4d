"""One import, measured in a process of its own.

    python -m benchmarks.import_process kring FILE KEPT   through our code; then keeps what it wrote in KEPT
    python -m benchmarks.import_process bare FILE KEPT    the rows of KEPT into the same tables, by the driver alone

The last line is a JSON object: seconds, and the peak of resident memory in MB.
"""

import json
import os
import pickle
import resource
import sys
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

TABLES = ("alumni_member", "alumni_employment")


def kring(file: Path, kept: Path) -> dict[str, Any]:
    """Stage and apply the file as `manage.py import_members` does."""
    from alumni.accounts.models import Organisation
    from alumni.joining import imports
    from alumni.members.models import Member

    Organisation.objects.create(pk=1, name="Maasveld", languages=["nl"])
    began = time.perf_counter()
    with file.open("rb") as stream:
        batch = imports.stage(source="bench", filename=file.name, stream=stream, by=None)
    staged = time.perf_counter()
    imports.apply(batch=batch)
    applied = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    members = Member.objects.count()
    with kept.open("wb") as out, connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            pickle.dump(([column[0] for column in cursor.description], cursor.fetchall()), out)
    return {"stage": staged - began, "apply": applied - staged, "peak_mb": peak, "members": members}


def bare(_file: Path, kept: Path) -> dict[str, Any]:
    """The same rows into the same empty tables: executemany on SQLite, COPY on PostgreSQL."""
    with kept.open("rb") as stream:
        tables = {table: pickle.load(stream) for table in TABLES}
    is_sqlite = connection.vendor == "sqlite"
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, rows) in tables.items():
            named = ", ".join(f'"{column}"' for column in columns)
            if is_sqlite:
                marks = ", ".join("?" for _column in columns)
                cursor.cursor.connection.executemany(f"INSERT INTO {table} ({named}) VALUES ({marks})", rows)
            else:
                with cursor.copy(f"COPY {table} ({named}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
    return {"seconds": time.perf_counter() - began, "how": "executemany / COPY"}


if __name__ == "__main__":
    way, *paths = sys.argv[1:]
    print(json.dumps({"kring": kring, "bare": bare}[way](*map(Path, paths))))
