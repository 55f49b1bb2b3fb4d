"""From `git clone` to the first digest in the mailbox, as somebody who has never seen Kring would do it."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from backend.launch.ports import any_free
from benchmarks.servers import ROOT, Figures

PATIENCE = 300
# What the launcher says as it goes -> what took until then.
MARKS = {
    "Kring starts": "environment from the lock file",
    "demo network": "keys and tables",
    "mailbox": "demo network",
    "Kring runs": "everything answers",
}


def measure() -> Figures:
    """Seconds from the clone, by what was reached."""
    cache = subprocess.run(
        [ROOT / ".venv/bin/uv", "cache", "dir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as temporary:
        folder = Path(temporary)
        (folder / "home").mkdir()
        environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "VAR_DIR")}
        environment |= {"HOME": str(folder / "home"), "UV_CACHE_DIR": cache, "PORT": str(any_free())}
        began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", ROOT, folder / "kring"], check=True)
        reached = {"clone": time.monotonic() - began}
        said = folder / "said"
        with said.open("wb") as out:
            make = subprocess.Popen(
                ["make", "run"],
                cwd=folder / "kring", env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
        try:
            reached |= _watch(make, folder / "kring", said, began)
        finally:
            os.killpg(make.pid, signal.SIGTERM)
            make.wait(30)
    return {what: {"seconds since the start": f"{seconds:.1f}"} for what, seconds in reached.items()}


def _watch(make: "subprocess.Popen[bytes]", checkout: Path, said: Path, began: float) -> dict[str, float]:
    reached: dict[str, float] = {}
    while "first digest in the mailbox" not in reached:
        now = time.monotonic() - began
        if make.poll() is not None or now > PATIENCE:
            raise RuntimeError(f"make run did not get to a digest:\n{said.read_text()[-3000:]}")
        text = said.read_text()
        for mark, what in MARKS.items():
            if mark in text:
                reached.setdefault(what, now)
        if any(b"\nList-Unsubscribe:" in mail.read_bytes() for mail in (checkout / "var/mailbox").glob("*.eml")):
            reached["first digest in the mailbox"] = now
        time.sleep(0.1)
    return reached
