"""`manage.py mailbox`: the mail server of a demo, shown at /mailbox/."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notifications.mail import mailbox


class Command(BaseCommand):
    help = "An SMTP server that keeps what it gets in MAILBOX_DIR and sends nothing on. /mailbox/ shows it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.SMTP_PORT, help="port (default: %(default)s)")

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        try:
            asyncio.run(self._serve(host, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror or error}") from error

    async def _serve(self, host: str, port: int) -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await mailbox.serve(host=host, port=port, stop=stop, ready=self._say_so)

    def _say_so(self, port: int) -> None:
        self.stdout.write(f"Keeping mail for port {port} in {settings.MAILBOX_DIR}")
        self.stdout.flush()
