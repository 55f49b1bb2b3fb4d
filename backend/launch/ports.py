"""Who listens where on this machine. Asked before we start, so that a taken port is said in words."""

import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
LISTENING = "0A"  # in /proc/net/tcp


def is_free(port: int) -> bool:
    """Whether we could listen on `port` of this machine. A connection that lingers from before does not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int, beginning: bytes = b"") -> bool:
    """Whether somebody on `port` takes connections, and says `beginning` first."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as connection:
            return connection.recv(64).startswith(beginning) if beginning else True
    except OSError:
        return False


def socket_answers(path: Path) -> bool:
    """Whether a Valkey answers on the Unix socket `path`."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def holder(port: int) -> str:
    """Which process listens on `port`, as far as Linux tells us: "process 4711 (nginx)", or "another program"."""
    for pid, command in _holders(port):
        return f"process {pid} ({command})"
    return "another program"


def _holders(port: int) -> list[tuple[int, str]]:
    found = []
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in Path("/proc").glob("[0-9]*") if wanted else ():
        try:
            if any(str(file.readlink()) in wanted for file in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                found.append((int(process.name), " ".join(words).strip()[:80]))
        except OSError:  # it ended, or it is somebody else's
            continue
    return found


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            for line in table.read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes
