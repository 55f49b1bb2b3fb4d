"""Real worker processes on the test database, that die where they are told to.

Worker("notifications.mail.outbox.deliver", die_after="notifications.mail.claims.hand_over", port=server.port).run()
"""

import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

MAIN = Path(__file__).with_name("worker_main.py")


def database_url() -> str:
    """The URL of the database that this test uses."""
    ours = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{ours['NAME']}"
    options = {name: value for name, value in ours["OPTIONS"].items() if isinstance(value, str)}
    if str(ours["HOST"]).startswith("/"):
        options["host"] = ours["HOST"]
    place = "" if "host" in options else f"{ours['HOST']}:{ours['PORT']}".rstrip(":")
    return f"postgresql://{quote(ours['USER'])}:{quote(ours['PASSWORD'])}@{place}/{ours['NAME']}?{urlencode(options)}"


class Worker:
    """One process. `go()` lets it run, `wait()` returns its exit code; `run()` is both."""

    def __init__(
        self,
        run: str,
        *,
        port: int,
        die_before: str | None = None,
        die_after: str | None = None,
        die_mid_data: bool = False,
        call: int = 1,
        **environment: str,
    ) -> None:
        command = [sys.executable, str(MAIN), run, "--call", str(call)]
        command += ["--die-before", die_before] if die_before else []
        command += ["--die-after", die_after] if die_after else []
        command += ["--die-mid-data"] if die_mid_data else []
        self.process = subprocess.Popen(
            command,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "backend.settings",
                "DATABASE_URL": database_url(),
                "BROKER_URL": "memory://",
                "CACHE_URL": "memory",
                "VAR_DIR": str(settings.VAR_DIR),
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(port),
                "SMTP_TIMEOUT": "5",
                "LOG_LEVEL": "ERROR",
            }
            | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def go(self) -> "Worker":
        assert self.process.stdout is not None and self.process.stdin is not None
        assert self.process.stdout.readline() == "ready\n", "the worker did not start"
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self

    def wait(self, timeout: float = 60) -> int:
        try:
            return self.process.wait(timeout)
        finally:
            self.process.kill()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    stream.close()

    def run(self) -> int:
        return self.go().wait()

    def dies(self) -> None:
        """Run it, and see that it was killed at its place and did not end by itself."""
        assert self.run() == -signal.SIGKILL
