"""Fresh databases for each measurement, and processes that measure themselves."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from backend.embedded import postgres

ROOT = Path(__file__).resolve().parent.parent
# {what is measured, in words: {where: the figure}}
Figures = dict[str, dict[str, Any]]
_number = count(1)


class Place:
    """A database server on which things are measured, each in a database of its own."""

    def __init__(self, name: str, folder: Path, server_url: str | None = None) -> None:
        self.name = name
        self.folder = folder
        self.server_url = server_url

    def fresh(self) -> dict[str, str]:
        """The environment of an empty database with our tables in it."""
        number = next(_number)
        var_dir = self.folder / f"var{number}"
        var_dir.mkdir()
        environment = os.environ | {
            "VAR_DIR": str(var_dir), "KEYS_DIR": str(self.folder / "keys"), "LOG_LEVEL": "ERROR", "DEMO": "0",
            "BROKER_URL": "memory://", "CACHE_URL": "memory",
        }  # fmt: skip
        environment.pop("DATABASE_URL", None)
        if self.server_url:
            environment["DATABASE_URL"] = self.server_url.replace("/postgres?", f"/bench{number}?")
            _create_database(self.server_url, f"bench{number}")
        run(environment, "manage.py", "migrate", "-v", "0")
        return environment


def _create_database(server_url: str, name: str) -> None:
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')


@contextmanager
def places() -> Iterator[list[Place]]:
    """SQLite and PostgreSQL, both as they would keep data for real: PostgreSQL waits for its disk."""
    with (
        tempfile.TemporaryDirectory(prefix="kring-bench-") as files,
        tempfile.TemporaryDirectory(prefix="kring-bench-") as server,
        postgres(Path(server), durable=True) as url,
    ):
        yield [Place("SQLite", Path(files)), Place("PostgreSQL", Path(files), url)]


def run(environment: dict[str, str], *arguments: str | Path, seconds: int = 900) -> str:
    """Run Python in `environment` and give what it printed. Raises with its last words when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, arguments))} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def measured(environment: dict[str, str], *arguments: str | Path) -> dict[str, Any]:
    """The JSON object that a measuring process printed on its last line."""
    return dict(json.loads(run(environment, *arguments).strip().splitlines()[-1]))
