"""What the launcher is made of."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from backend.embedded import LONGEST_SOCKET_PATH, valkey_socket
from backend.launch import ports
from backend.launch.plan import CannotStart, plan
from backend.launch.supervise import Family, Stopped, rotate
from backend.launch.welcome import welcome

SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]


def wait_for(log: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while not (log.exists() and text in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def signals_as_before():
    """Ending a family ignores signals; the test run wants its own back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals_as_before")
def test_the_family_ends_together(tmp_path: Path) -> None:
    with Family(tmp_path) as family:
        first = family.start("first", SLEEP, environment=dict(os.environ))
        second = family.start("second", SLEEP, environment=dict(os.environ))
        wait_for(first.log, "here")
        wait_for(second.log, "here")
        family.raise_for_stopped()
        os.kill(first.leash.pid, signal.SIGKILL)
        with pytest.raises(Stopped, match="first stopped with exit code 137") as stopped:
            family.wait()
    assert stopped.value.code == 137
    assert second.code == 143


@pytest.mark.usefixtures("signals_as_before")
def test_who_does_not_want_to_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.launch.supervise.SECONDS_TO_END", 0.3)
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP[-1]}"
    with Family(tmp_path) as family:
        process = family.start("deaf", [sys.executable, "-c", deaf], environment=dict(os.environ))
        wait_for(process.log, "here")
    assert process.code == 137


@pytest.mark.usefixtures("signals_as_before")
def test_what_never_answers_is_named_with_where_to_read(tmp_path: Path) -> None:
    with Family(tmp_path) as family, pytest.raises(TimeoutError, match=f"The web server .* {tmp_path}"):
        family.wait_until(lambda: False, "The web server", seconds=0.1)


def test_the_last_logs_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for start in range(6):
        rotate(log)
        log.write_text(str(start))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "web.log": "5", "web.log.1": "4", "web.log.2": "3", "web.log.3": "2",
    }  # fmt: skip


def test_what_the_environment_names_is_used_and_the_rest_is_ours(tmp_path: Path) -> None:
    ours = plan({"VAR_DIR": str(tmp_path), "PORT": "8123"})
    assert (ours.own_valkey, ours.own_mailbox, ours.demo, ours.url) == (True, True, True, "http://localhost:8123")
    assert ours.environment["BROKER_URL"] == f"redis+socket://{tmp_path}/valkey/valkey.sock"
    named = {"BROKER_URL": "redis://broker/0", "SMTP_HOST": "mail.example", "DEMO": "0"}
    theirs = plan({"VAR_DIR": str(tmp_path), **named})
    assert (theirs.own_valkey, theirs.own_mailbox, theirs.demo) == (False, False, False)
    assert theirs.environment["BROKER_URL"] == "redis://broker/0"


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_said(tmp_path: Path, port: str) -> None:
    with pytest.raises(CannotStart, match=f"PORT={port} is no port"):
        plan({"VAR_DIR": str(tmp_path), "PORT": port})


def test_a_folder_too_deep_for_a_socket_gets_one_elsewhere_always_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    assert len(str(valkey_socket(deep))) <= LONGEST_SOCKET_PATH
    assert valkey_socket(deep) == valkey_socket(deep) != valkey_socket(tmp_path / ("e" * 90))


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_who_holds_a_port_is_named() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.holder(port).startswith(f"process {os.getpid()} (")
    assert ports.is_free(port)


def test_the_welcome_shows_where_to_look_and_lines_that_can_be_pasted() -> None:
    tokens = {"author": "tok-a", "approver": "tok-b", "integration": "tok-c"}
    demo = {"tokens": tokens, "staff": {"author": "marieke@maasveld.example"}}
    text = welcome(url="http://localhost:8123", log_dir=Path("/v/log"), demo=demo, mailbox=True)
    for place in (
        "http://localhost:8123/office/",
        "http://localhost:8123/mailbox/",
        "/v/log/",
        "marieke@maasveld.example",
    ):
        assert place in text
    assert "curl -s -H 'Authorization: Bearer tok-c' 'http://localhost:8123/api/v1/editions/'" in text
    plain = welcome(url="http://localhost:8123", log_dir=Path("/v/log"), demo={}, mailbox=False)
    assert "Bearer" not in plain
    assert "mailbox" not in plain
