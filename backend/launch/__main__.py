"""`make run`: Kring on one machine as one command. Web, worker, beat, Valkey and a mailbox, with a demo network.

    python -m backend.launch            everything, until Ctrl-C
    python -m backend.launch reset      throw the demo's data away and make it anew; starts nothing

Everything it makes stands in VAR_DIR (`var/`): keys, database, mails, logs. PORT, DEMO=0 and every setting of
`.env.example` are taken from the environment; a BROKER_URL or SMTP_HOST that is set there is used instead of our own.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.embedded import valkey_command
from backend.launch import ports
from backend.launch.plan import ROOT, CannotStart, Plan, plan
from backend.launch.supervise import Family, Stopped, rotate
from backend.launch.welcome import welcome

PYTHON = sys.executable
# How long what is left of a killed launcher may take to end.
SECONDS_FOR_LEFTOVERS = 8
SECONDS_FOR_ORPHANS = 3
WORKER = ["worker", "-P", "threads", "-c", "4", "-l", "INFO"]
WORKER += ["--without-gossip", "--without-mingle", "--without-heartbeat"]  # there is no other worker to talk to


@contextmanager
def only_one(var_dir: Path, url: str) -> Iterator[None]:
    """Hold the data folder; the kernel lets go when we end, even by kill -9. Raises CannotStart when it is held."""
    try:
        var_dir.mkdir(parents=True, exist_ok=True)
        held = (var_dir / "launch.lock").open("a+")
    except OSError as error:
        raise CannotStart(f"Cannot write in {var_dir} ({error.strerror}). Name another folder: VAR_DIR=…") from error
    with held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held.seek(0)
            raise CannotStart(
                f"Kring already runs from {var_dir}: {held.read().strip()}.\n"
                "Stop it there with Ctrl-C, or start a second one beside it: VAR_DIR=… PORT=… make run"
            ) from error
        held.truncate(0)
        held.write(f"process {os.getpid()}, {url}")
        held.flush()
        yield


def wait_for_room(todo: Plan) -> None:
    """Wait for what a killed launcher left behind; raises CannotStart when port or socket are held by somebody else."""
    began = time.monotonic()
    while not ports.is_free(todo.port) or (todo.own_valkey and ports.socket_answers(todo.socket)):
        grace = SECONDS_FOR_LEFTOVERS if leftovers(todo.var_dir) else SECONDS_FOR_ORPHANS
        if time.monotonic() > began + grace:
            if ports.is_free(todo.port):
                raise CannotStart(f"Another Valkey answers on {todo.socket}. End it first.")
            raise CannotStart(
                f"Port {todo.port} is in use by {ports.holder(todo.port)}.\n"
                f"Name another one: PORT={todo.port + 1} make run"
            )
        time.sleep(0.1)


def leftovers(var_dir: Path) -> bool:
    """Whether processes of an earlier start are still ending. Only Linux can tell; elsewhere we give them the time."""
    if not Path("/proc/self/cmdline").exists():
        return True
    marker = os.fsencode(var_dir / "log")
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if marker in process.read_bytes():
                return True
        except OSError:
            continue
    return False


def manage(todo: Plan, *arguments: str) -> str:
    """Run a command of manage.py to its end and give what it printed. Raises CannotStart with its last words."""
    log = todo.var_dir / "log" / "prepare.log"
    process = subprocess.Popen(
        [PYTHON, "manage.py", *arguments],
        cwd=ROOT, env=todo.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = process.communicate()
    except BaseException:
        process.kill()
        raise
    with log.open("a") as stream:
        stream.write(f"$ manage.py {' '.join(arguments)}\n{output}\n")
    if process.returncode:
        last = "\n".join(output.strip().splitlines()[-5:])
        raise CannotStart(f"manage.py {arguments[0]} failed:\n{last}\nRead {log}")
    return output


def prepare(todo: Plan) -> dict[str, Any]:
    """Tables, and in demo mode a network. Gives what the demo command says: {"made": bool, "tokens": {…}, …}."""
    log_dir = todo.var_dir / "log"
    log_dir.mkdir(parents=True, exist_ok=True)
    rotate(log_dir / "prepare.log")
    say("keys and tables")
    manage(todo, "migrate", "--noinput", "-v", "0")
    if not todo.demo:
        return {}
    say("demo network")
    return dict(json.loads(manage(todo, "demo", "--json").strip().splitlines()[-1]))


def start(todo: Plan, family: Family, *, is_first: bool) -> None:
    """Start everything in order, and wait until it answers. The first time, send the demonstration's first digests."""

    def begin(name: str, *command: str | Path) -> None:
        say(name)
        family.start(name, command, environment=todo.environment)

    if todo.own_mailbox:
        begin("mailbox", PYTHON, "manage.py", "mailbox", "--port", str(todo.smtp_port))
        family.wait_until(lambda: ports.answers(todo.smtp_port, b"220"), "The mailbox")
    begin("web", PYTHON, "-m", "gunicorn", "backend.wsgi:application", *web_options(todo.port))
    if is_first:
        say("first digests")
        manage(todo, "run_digests", "--now")
    begin("worker", PYTHON, "-m", "celery", "-A", "backend", *WORKER)
    beat_dir = todo.var_dir / "beat"
    beat_dir.mkdir(exist_ok=True)
    begin("beat", PYTHON, "-m", "celery", "-A", "backend", "beat", "-s", beat_dir / "schedule", "--pidfile=")
    family.wait_until(lambda: is_ready(todo.port), "The web server")


def web_options(port: int) -> list[str]:
    """Two processes that share what was loaded once; on loopback only."""
    bind = ["--bind", f"{ports.LOOPBACK}:{port}", "--no-control-socket"]
    return [*bind, "--preload", "--workers", "2", "--threads", "4", "--graceful-timeout", "3"]


def is_ready(port: int) -> bool:
    """Whether /readyz says 200."""
    try:
        with urllib.request.urlopen(f"http://{ports.LOOPBACK}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def say(text: str) -> None:
    print(f"  {text}", flush=True)


def run(todo: Plan) -> None:
    """Everything, until it is stopped. Raises CannotStart, Stopped, TimeoutError, KeyboardInterrupt."""
    with only_one(todo.var_dir, todo.url):
        wait_for_room(todo)
        print(f"Kring starts, from {todo.var_dir}", flush=True)
        os.chdir(ROOT)
        with Family(todo.var_dir / "log") as family:
            if (
                todo.own_valkey
            ):  # before the rest, so that whoever is woken while the demo is made finds the work waiting
                family.start("valkey", valkey_command(todo.socket), environment=todo.environment)
                family.wait_until(lambda: ports.socket_answers(todo.socket), "Valkey", seconds=20)
            demo = prepare(todo)
            start(todo, family, is_first=bool(demo.get("made")) and todo.own_mailbox)
            print(welcome(url=todo.url, log_dir=family.log_dir, demo=demo, mailbox=todo.own_mailbox), flush=True)
            family.wait()


def reset(todo: Plan) -> None:
    """Throw the demo's data away and make it anew."""
    with only_one(todo.var_dir, todo.url):
        (todo.var_dir / "log").mkdir(parents=True, exist_ok=True)
        print(manage(todo, "demo", "--reset").strip(), flush=True)


def main(arguments: list[str]) -> int:
    """Exit 0 when stopped by Ctrl-C or SIGTERM; otherwise as the process did that stopped first, or 1."""

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    for signal_number in (signal.SIGINT, signal.SIGTERM):  # also where a script started us with SIGINT ignored
        signal.signal(signal_number, interrupt)
    os.umask(0o077)  # the database and the logs are nobody else's business
    try:
        todo = plan(dict(os.environ))
        reset(todo) if arguments == ["reset"] else run(todo)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
    except Stopped as stopped:
        print(f"\n{stopped}", file=sys.stderr, flush=True)
        return stopped.code
    except (CannotStart, TimeoutError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
