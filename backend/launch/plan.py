"""What is to run, and where: read from the environment once, before anything starts."""

from dataclasses import dataclass
from pathlib import Path

from backend.embedded import valkey_socket
from backend.launch import ports

ROOT = Path(__file__).resolve().parent.parent.parent


class CannotStart(Exception):
    """Something stands in the way; the message says what, and how to mend it."""


@dataclass(frozen=True)
class Plan:
    """What is to run, and where. `environment` is what every process gets."""

    var_dir: Path
    port: int
    smtp_port: int
    own_valkey: bool
    own_mailbox: bool
    demo: bool
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return self.environment["BASE_URL"]

    @property
    def socket(self) -> Path:
        return valkey_socket(self.var_dir)


def is_on(value: str) -> bool:
    return value.strip().lower() in {"1", "true", "yes", "on"}


def plan(given: dict[str, str]) -> Plan:
    """What the environment asks for. Raises CannotStart for a PORT that is none."""
    var_dir = Path(given.get("VAR_DIR") or ROOT / "var").absolute()
    port, smtp_port = (number(given, name, default) for name, default in (("PORT", 8000), ("SMTP_PORT", 2525)))
    demo = is_on(given.get("DEMO", "1"))
    own_mailbox = is_on(given.get("MAILBOX", str(demo))) and "SMTP_HOST" not in given
    if own_mailbox and not ports.is_free(smtp_port):
        smtp_port = ports.any_free()
    environment = given | {
        "VAR_DIR": str(var_dir),
        "DEMO": str(demo),
        "MAILBOX": str(own_mailbox),
        "SMTP_PORT": str(smtp_port),
        "BASE_URL": given.get("BASE_URL") or f"http://localhost:{port}",
        "PYTHONUNBUFFERED": "1",
    }
    own_valkey = not given.get("BROKER_URL")
    if own_valkey:
        environment["BROKER_URL"] = f"redis+socket://{valkey_socket(var_dir)}"
        environment.setdefault("CACHE_URL", f"unix://{valkey_socket(var_dir)}?db=1")
    return Plan(var_dir, port, smtp_port, own_valkey, own_mailbox, demo, environment)


def number(given: dict[str, str], name: str, default: int) -> int:
    """A port from the environment. Raises CannotStart."""
    text = given.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{name}={text} is no port: name a number from 1 to 65535.")
    return int(text)
