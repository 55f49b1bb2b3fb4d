"""A worker process that dies by kill -9 at one exact place. Started by `workers.py`; production code has no such hook.

    python worker_main.py RUN [--die-before NAME | --die-after NAME | --die-mid-data] [--call N]

RUN and NAME are dotted functions (notifications.mail.outbox.deliver, notifications.mail.smtp.Wire.send). The N-th call
of NAME is the last thing that the process does. Says `ready` when Django is set up, then waits for a line.
"""

import argparse
import os
import signal
import smtplib
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def _find(dotted: str) -> tuple[Any, str]:
    """The owner of a function (a module or a class) and its name in it."""
    parts = dotted.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:-1]:
            owner = getattr(owner, part)
        return owner, parts[-1]
    raise LookupError(dotted)


def _deadly(dotted: str, call: int, *, before: bool) -> None:
    owner, name = _find(dotted)
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    @wraps(real)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if before and calls == call:
            _die()
        result = real(*args, **kwargs)
        if not before and calls == call:
            _die()
        return result

    setattr(owner, name, wrapper)


def _deadly_mid_data(call: int) -> None:
    """Half of the N-th message goes over the wire, and no more."""
    real, calls = smtplib.SMTP.send, 0

    def send(self: smtplib.SMTP, data: Any) -> None:
        nonlocal calls
        if isinstance(data, bytes) and data.endswith(b"\r\n.\r\n"):
            calls += 1
            if calls == call:
                real(self, data[: len(data) // 2])
                _die()
        real(self, data)

    smtplib.SMTP.send = send  # type: ignore[method-assign]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--die-before")
    parser.add_argument("--die-after")
    parser.add_argument("--die-mid-data", action="store_true")
    parser.add_argument("--call", type=int, default=1)
    options = parser.parse_args()

    import django

    django.setup()
    owner, name = _find(options.run)
    for dotted in filter(None, (options.die_before, options.die_after)):
        _deadly(dotted, options.call, before=dotted == options.die_before)
    if options.die_mid_data:
        _deadly_mid_data(options.call)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    getattr(owner, name)()


if __name__ == "__main__":
    main()
