"""Several processes as one: they start together, end together, and none outlives the process that started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
SECONDS_TO_END = 5
OLD_LOGS = 3
LAST_LINES = 5


@dataclass
class Process:
    """One command on a leash. `code` is its exit code once it has ended."""

    name: str
    log: Path
    leash: "subprocess.Popen[bytes]"

    @property
    def code(self) -> int | None:
        code = self.leash.poll()
        return code if code is None or code >= 0 else 128 - code


class Stopped(Exception):
    """One of the processes ended by itself."""

    def __init__(self, process: Process) -> None:
        last = process.log.read_text(errors="replace").splitlines()[-LAST_LINES:] if process.log.exists() else []
        said = "".join(f"\n  {line[:200]}" for line in last)
        super().__init__(f"{process.name} stopped with exit code {process.code}. Read {process.log}{said}")
        self.code = process.code or 1


@dataclass
class Family:
    """The processes that belong together. Use as a context manager: leaving it ends them all."""

    log_dir: Path
    processes: list[Process] = field(default_factory=list)
    _pipe: tuple[int, int] = (-1, -1)

    def __enter__(self) -> "Family":
        self.log_dir.mkdir(parents=True, exist_ok=True)
        self._pipe = os.pipe()  # neither end is inherited by itself; a leash gets the reading one as standard input
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()
        for end in self._pipe:
            os.close(end)

    def start(self, name: str, command: Iterable[str | Path], *, environment: dict[str, str]) -> Process:
        """Start `command`, its output in a fresh NAME.log, the last few logs kept beside it."""
        log = self.log_dir / f"{name}.log"
        rotate(log)
        leash = subprocess.Popen(
            [sys.executable, "-I", LEASH, log, *command],
            stdin=self._pipe[0],
            env=environment,
            start_new_session=True,  # a Ctrl-C in the terminal is for us alone; we then end the others in order
        )
        process = Process(name, log, leash)
        self.processes.append(process)
        return process

    def wait_until(self, ready: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
        """Look until `ready()`. Raises Stopped when a process ends meanwhile, TimeoutError when it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.raise_for_stopped()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not answer within {seconds:.0f} s. Read {self.log_dir}/")
            time.sleep(0.1)

    def wait(self) -> None:
        """Wait until a process ends by itself, which raises Stopped."""
        while True:
            self.raise_for_stopped()
            time.sleep(0.2)

    def raise_for_stopped(self) -> None:
        """Raises Stopped for the first process that has ended."""
        for process in self.processes:
            if process.code is not None:
                raise Stopped(process)

    def end(self) -> None:
        """Ask all to end, and kill what is still there after a few seconds. Takes no signals meanwhile."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        for process in self.processes:
            if process.code is None:
                process.leash.terminate()
        deadline = time.monotonic() + SECONDS_TO_END
        while time.monotonic() < deadline and any(process.code is None for process in self.processes):
            time.sleep(0.05)
        for process in self.processes:  # the group outlives its leader while one of its processes lives
            try:
                os.killpg(process.leash.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        for process in self.processes:
            process.leash.wait()


def rotate(log: Path) -> None:
    """NAME.log becomes NAME.log.1, and so on; the oldest goes."""
    for number in range(OLD_LOGS, 0, -1):
        old = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if old.exists():
            old.replace(log.with_name(f"{log.name}.{number}"))
