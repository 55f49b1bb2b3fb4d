"""`.env.example` is complete: it names what the settings read, and nothing else."""

import re
from pathlib import Path

from backend.keys import MAKERS

ROOT = Path(__file__).parents[2]
# Read by the tests themselves, or by docker-compose.yml.
NOT_FOR_OPERATORS = {"TEST_DATABASE_NAME"}
OF_COMPOSE = {"POSTGRES_PASSWORD", "WEB_PORT", "WORKER_PROCESSES"}


def _named() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))


def _read() -> set[str]:
    settings = (ROOT / "backend" / "settings.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', settings)) | {name.upper() for name in MAKERS}


def test_every_setting_that_is_read_stands_in_the_example() -> None:
    assert _read() - NOT_FOR_OPERATORS - _named() == set()


def test_the_example_names_nothing_that_nobody_reads() -> None:
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert compose >= OF_COMPOSE
    assert _named() - _read() - compose == set()
