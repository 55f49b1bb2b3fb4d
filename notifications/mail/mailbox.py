"""The mailbox that stands in for a mail server in a demo: it keeps what it gets, and /mailbox/ shows it.

One file per message and recipient, `<nanoseconds>-<hash of the recipient>-<random>.eml`: the names alone give the
order and find a recipient's mail. A file is written aside and renamed, so that readers never see half of one.
"""

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

NAME = re.compile(r"[0-9]{20}-[0-9a-f]{12}-[0-9a-f]{6}")
MAX_BYTES = 10 * 1024 * 1024
# A demo's disk is not filled: beyond this the oldest go.
KEPT = 20_000
SWEEP_EVERY = 500


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR)


def _key(recipient: str) -> str:
    return hashlib.sha256(recipient.strip().lower().encode()).hexdigest()[:12]


def keep(*, mail_from: str, to: str, data: bytes) -> str:
    """Store a message for one recipient and return its name. The envelope goes on top, as delivery agents do."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns():020d}-{_key(to)}-{secrets.token_hex(3)}"
    aside = folder / f".{name}"
    envelope = f"Return-Path: <{mail_from}>\r\nDelivered-To: {to}\r\n".encode("utf-8", "surrogateescape")
    aside.write_bytes(envelope + data)
    aside.rename(folder / f"{name}.eml")
    return name


def names(*, to: str = "", before: str = "", limit: int | None = None) -> list[str]:
    """The names of the messages, newest first: those for one recipient, those older than `before`."""
    folder = _folder()
    found = (path.stem for path in folder.glob("*.eml")) if folder.is_dir() else iter(())
    wanted = _key(to) if to else ""
    kept = [
        name
        for name in found
        if NAME.fullmatch(name) and (not before or name < before) and (not wanted or name.split("-")[1] == wanted)
    ]
    return sorted(kept, reverse=True)[:limit]


def read(name: str) -> bytes | None:
    """The message of that name, or None: also for a name that none could have."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (_folder() / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None


def prune(*, kept: int = KEPT) -> int:
    """Delete all but the newest messages; returns how many went."""
    old = names()[kept:]
    for name in old:
        (_folder() / f"{name}.eml").unlink(missing_ok=True)
    return len(old)


class Keeper:
    """aiosmtpd's handler: keeps each message for each of its recipients."""

    def __init__(self) -> None:
        self.count = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd
        data = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        for recipient in envelope.rcpt_tos:
            name = keep(mail_from=envelope.mail_from or "", to=recipient, data=data)
        self.count += 1
        if self.count % SWEEP_EVERY == 0:
            prune()
        return f"250 2.0.0 kept as {name}"


async def serve(*, host: str, port: int, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
    """Listen until `stop` is set. `ready` is called with the port once mail is taken; port 0 takes a free one."""
    keeper = Keeper()
    prune()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, hostname="mailbox", loop=loop),
        host=host,
        port=port,
    )
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await stop.wait()
