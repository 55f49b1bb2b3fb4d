"""Runs one command, and ends it when the launcher ends, however it ends (kill -9 included).

    python -I leash.py LOG COMMAND ARGUMENT…

Standard input is the reading end of a pipe whose other end only the launcher holds: when that closes, the launcher is
gone. Should this process be killed itself, Linux ends the command; elsewhere the launcher notices and ends the whole
group. It stands alone and is started by its path: importing nothing of Kring, it is there in a few milliseconds.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from typing import Any

SECONDS_TO_END = 4
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """In the command's process, before it becomes the command: be killed when this leash is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_launcher(command: "subprocess.Popen[bytes]") -> None:
    """Wait for the launcher's end, then end the command; what is left of the group after a while is killed."""
    while os.read(0, 1):
        pass
    command.terminate()
    try:
        command.wait(SECONDS_TO_END)
    finally:
        os.killpg(0, signal.SIGKILL)


def main(log: str, *command: str) -> int:
    """Exit as the command does; 128 + the number of the signal that ended it."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=die_with_parent
    )

    def pass_on(number: int, _frame: Any) -> None:
        child.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_launcher, args=[child], daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
