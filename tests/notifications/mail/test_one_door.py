"""There is one door: nothing outside the mail room reaches a mail server, or walks round the outbox."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROOM = ROOT / "notifications" / "mail"
# Modules that open a mail connection, and names of Django's that choose another way out.
MODULES = {"smtplib", "aiosmtpd", "aiosmtplib", "poplib", "imaplib", "anymail", "django.core.mail.backends"}
NAMES = {"get_connection", "EmailBackend", "SMTP_HOST", "SMTP_PORT", "SMTP_PASSWORD", "EMAIL_HOST", "OutboxBackend"}
# One says where mail goes, the other only listens.
MAY_NAME = {"backend/settings.py", "notifications/management/commands/mailbox.py"}


def _sources() -> Iterator[Path]:
    for app in ("alumni", "notifications", "backend"):
        yield from (path for path in (ROOT / app).rglob("*.py") if ROOM not in path.parents)


def _trespasses(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_barred(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in (node.module, *names) if _is_barred(name))
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield node.attr
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id


def _is_barred(module: str) -> bool:
    return any(module == barred or module.startswith(f"{barred}.") for barred in MODULES)


def test_nothing_else_opens_a_mail_connection() -> None:
    found = {
        str(path.relative_to(ROOT)): trespasses
        for path in _sources()
        if str(path.relative_to(ROOT)) not in MAY_NAME
        and (trespasses := sorted(set(_trespasses(ast.parse(path.read_text())))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "import smtplib",
        "import smtplib as s",
        "from smtplib import SMTP",
        "from django.core.mail.backends.smtp import EmailBackend",
        "from django.core.mail.backends import smtp",
        "from django.core import mail\nmail.get_connection('x')",
        "host = settings.SMTP_HOST",
    ],
)
def test_the_search_finds_each_way_out(code: str) -> None:
    assert list(_trespasses(ast.parse(code)))
