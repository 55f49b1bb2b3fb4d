"""`make run` with real processes: it ends together, leaves nothing behind, and starts again after any kill -9."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from backend.launch.ports import any_free

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not settings.IS_SQLITE, reason="the launcher is tried once, on SQLite"),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes through /proc"),
]
OUR_SETTINGS = ("DATABASE_URL", "BROKER_URL", "CACHE_URL", "SMTP_HOST", "SMTP_PORT", "TEST_DATABASE_NAME")
RESET = [sys.executable, "-m", "backend.launch", "reset"]


class Launcher:
    """One `python -m backend.launch`, what it says, and every process that runs from its folder."""

    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.var_dir = var_dir
        self.port = int(environment.get("PORT", any_free()))
        kept = {name: value for name, value in os.environ.items() if name not in OUR_SETTINGS}
        own = {"VAR_DIR": str(var_dir), "PORT": str(self.port), "SMTP_PORT": str(any_free())}
        own |= {"DEMO": "0", "MAILBOX": "1"}
        with tempfile.NamedTemporaryFile(delete=False, dir=var_dir.parent) as said:
            self.output = Path(said.name)
            self.environment = kept | own | environment
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.launch"],
                env=self.environment, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            )  # fmt: skip

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_it_runs(self) -> "Launcher":
        until(lambda: "Kring runs" in self.said() or self.process.poll() is not None, 300)
        assert self.process.poll() is None, self.said()
        return self

    def processes(self) -> dict[int, str]:
        """{pid: command line} of all that run from this launcher's folder, itself left out."""
        marker, found = f"VAR_DIR={self.var_dir}\0".encode(), {}
        folder_name = str(self.var_dir)  # Valkey writes its title over its environment
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().decode().replace("\0", " ")
                ours = folder_name in command or marker in (folder / "environ").read_bytes()
                if ours and int(folder.name) != self.process.pid:
                    found[int(folder.name)] = command
            except OSError:
                continue
        return found

    def pid_of(self, *words: str, leash: bool = False) -> int:
        """The process whose command line has the words: the first started one, or the leash that holds it."""
        return min(
            pid
            for pid, command in self.processes().items()
            if all(word in command for word in words) and ("leash.py" in command) == leash
        )

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()  # nothing stays behind a test that fails
            raise


def until(true: Callable[[], object], seconds: float) -> None:
    """Look until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def var_dir() -> Iterator[Path]:
    """One data folder for all: each test is also the next start after the one before."""
    with tempfile.TemporaryDirectory(prefix="kring-launch-") as folder:
        yield Path(folder) / "var"


@pytest.fixture
def launch(var_dir: Path) -> Iterator[Callable[..., Launcher]]:
    """Start one that is ended with the test, if it did not end before."""
    begun: list[Launcher] = []

    def begin(folder: Path = var_dir, **environment: str) -> Launcher:
        begun.append(Launcher(folder, **environment))
        return begun[-1]

    yield begin
    for launcher in begun:
        launcher.stop()
        assert launcher.processes() == {}


def get(launcher: Launcher, path: str, token: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{launcher.port}{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def test_it_runs_once_in_a_folder_and_stops_at_one_signal_without_an_error(launch: Callable[..., Launcher]) -> None:
    with socket.socket() as taken:  # somebody else's mail port is no reason to stop
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = launch(SMTP_PORT=str(taken.getsockname()[1])).wait_until_it_runs()
    assert get(first, "/readyz")[0] == 200
    assert (first.var_dir / "kring.sqlite3").stat().st_mode & 0o077 == 0
    second = launch(PORT=str(any_free()))
    assert second.process.wait(30) == 1
    assert f"process {first.process.pid}, http://localhost:{first.port}" in second.said()
    assert get(first, "/livez")[0] == 200
    began = time.monotonic()
    assert first.stop(signal.SIGTERM) == 0
    assert time.monotonic() - began < 7
    assert first.processes() == {}


def test_when_one_process_dies_the_rest_stops_and_the_log_to_read_is_named(launch: Callable[..., Launcher]) -> None:
    launcher = launch().wait_until_it_runs()
    os.kill(launcher.pid_of("gunicorn"), signal.SIGKILL)
    assert launcher.process.wait(20) == 137
    assert f"web stopped with exit code 137. Read {launcher.var_dir}/log/web.log" in launcher.said()
    assert launcher.processes() == {}


def test_after_kill_9_of_the_launcher_the_next_start_just_works(launch: Callable[..., Launcher]) -> None:
    killed = launch().wait_until_it_runs()
    left = set(killed.processes())
    os.kill(killed.pid_of("celery", "worker", leash=True), signal.SIGKILL)
    killed.process.kill()
    again = launch(PORT=str(killed.port)).wait_until_it_runs()
    assert get(again, "/readyz")[0] == 200
    assert not left & set(again.processes())
    assert again.stop(signal.SIGINT) == 0


def test_a_port_that_is_taken_is_said_with_its_holder_and_the_way_out(launch: Callable[..., Launcher]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        launcher = launch(PORT=str(port))
        assert launcher.process.wait(30) == 1
    assert f"Port {port} is in use by process {os.getpid()} (" in launcher.said()
    assert f"PORT={port + 1} make run" in launcher.said()


def test_the_demo_prints_tokens_that_work_and_revokes_them_at_the_next_start(
    launch: Callable[..., Launcher], tmp_path: Path
) -> None:
    var_dir = tmp_path / "var"

    def tokens_of(launcher: Launcher) -> dict[str, str]:
        lines = launcher.said().partition("Tokens")[2].splitlines()[1:4]
        return dict(line.split() for line in lines)

    launcher = launch(var_dir, DEMO="1").wait_until_it_runs()
    first = tokens_of(launcher)
    assert any(b"\nList-Unsubscribe:" in mail.read_bytes() for mail in (var_dir / "mailbox").glob("*.eml"))
    assert json.loads(get(launcher, "/api/v1/digests/", first["integration"])[1])["results"]
    for line in launcher.said().partition("To paste:")[2].split("\n\n")[0].strip().splitlines():
        answer = subprocess.run(["sh", "-c", f"{line.strip()} --fail"], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, f"{line}\n{answer.stdout}{answer.stderr}"
        assert json.loads(answer.stdout)
    running = subprocess.run(RESET, env=launcher.environment, capture_output=True, text=True, check=False)
    assert (running.returncode, "already runs" in running.stderr) == (1, True)
    assert launcher.stop() == 0

    launcher = launch(var_dir, DEMO="1").wait_until_it_runs()
    second = tokens_of(launcher)
    assert not set(first.values()) & set(second.values())
    assert get(launcher, "/api/v1/posts/", second["author"])[0] == 200
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(launcher, "/api/v1/posts/", first["author"])
    assert launcher.stop() == 0

    done = subprocess.run(RESET, env=launcher.environment, capture_output=True, text=True, check=True)
    assert "The demonstration was made." in done.stdout
    assert not list((var_dir / "mailbox").glob("*.eml"))
