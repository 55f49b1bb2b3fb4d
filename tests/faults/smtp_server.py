"""A real SMTP server in a thread that lies when told to.

    with LyingServer() as server:
        server.lie("mail", "421 4.3.2 closing")          # the next MAIL gets this answer
        server.lie("dot", HANG_UP, to="bob@thuis.example", times=2)
        …
        assert server.accepted_by("alice@thuis.example") == 1

Steps: connect, ehlo, auth, mail, rcpt, data, dot (the final dot has been read), quit, rset. A lie is an answer line,
HANG_UP (close without an answer) or SILENCE (no answer until the client gives up or the server stops). Lies at a step
are used in the order in which they were told; `to` limits one to messages for that recipient (from the rcpt step on).
"""

import socket
import socketserver
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

HANG_UP = "hang up"
SILENCE = "silence"


@dataclass
class Received:
    """A message of which the final dot arrived. `accepted`: the server took it (whether or not its 250 arrived)."""

    mail_from: str
    to: str
    data: bytes
    accepted: bool

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.data, policy=policy.default)  # type: ignore[return-value]


@dataclass
class Lie:
    step: str
    answer: str
    to: str | None
    times: int


@dataclass
class Script:
    lies: list[Lie] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, step: str, to: str | None) -> str | None:
        with self.lock:
            for lie in self.lies:
                if lie.step == step and lie.times > 0 and lie.to in (None, to):
                    lie.times -= 1
                    return lie.answer
        return None


class Conversation(socketserver.StreamRequestHandler):
    """One connection. Reads line by line, so a client that pipelines is served as well."""

    server: "Listener"

    def handle(self) -> None:
        house = self.server.house
        house.connections += 1
        self.mail_from, self.to = "", ""
        with suppress(OSError, ValueError):
            self._converse()

    def _encrypt(self) -> None:
        assert self.server.house.tls is not None
        self.connection = self.server.house.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def _converse(self) -> None:
        if self.server.house.tls_at_once:
            self._encrypt()
        if not self._answer("connect", "220 liar.example ESMTP"):
            return
        while line := self.rfile.readline():
            verb, _space, rest = line.decode("utf-8", "replace").strip().partition(" ")
            step = {"helo": "ehlo"}.get(verb.lower(), verb.lower())
            if step == "mail":
                self.mail_from = rest[rest.index("<") + 1 : rest.index(">")]
            if step == "rcpt":
                self.to = rest[rest.index("<") + 1 : rest.index(">")]
            if not self._answer(step, self._honest(step)) or step == "quit":
                return
            if step == "starttls":
                self._encrypt()
            if step == "data" and self.last.startswith("354") and not self._message():
                return

    def _honest(self, step: str) -> str:
        extensions = "".join(f"250-{name}\r\n" for name in self.server.house.extensions)
        return {
            "ehlo": f"250-liar.example\r\n{extensions}250 SIZE 10485760",
            "starttls": "220 2.0.0 go on",
            "data": "354 go on",
            "quit": "221 2.0.0 bye",
            "auth": "235 2.7.0 ok",
        }.get(step, "250 2.1.0 ok")

    def _message(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False
        house = self.server.house
        lie = house.script.next("dot", self.to)
        # A server that hangs up or falls silent after the dot has taken the message: the worst case for the sender.
        accepted = lie in (None, HANG_UP, SILENCE) or lie.startswith("2")
        with house.lock:
            house.received.append(Received(self.mail_from, self.to, b"".join(lines), accepted))
        return self._say(lie or "250 2.0.0 queued as 4711")

    def _answer(self, step: str, honest: str) -> bool:
        return self._say(self.server.house.script.next(step, self.to if step in ("rcpt", "data") else None) or honest)

    def _say(self, answer: str) -> bool:
        """Send the answer; False when the connection ends with it."""
        self.last = answer
        if answer == SILENCE:
            self.server.house.stopped.wait(60)
            return False
        if answer == HANG_UP:
            self.connection.shutdown(socket.SHUT_RDWR)
            return False
        self.wfile.write(answer.encode() + b"\r\n")
        return not answer.startswith("421")


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    house: "LyingServer"


class LyingServer:
    """Listens on a free port of the loopback from the start; `stop()` frees it. `port=` takes a given one."""

    def __init__(
        self,
        *,
        port: int = 0,
        extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"),
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        self.extensions, self.tls, self.tls_at_once = extensions, tls, tls_at_once
        self.script = Script()
        self.received: list[Received] = []
        self.connections = 0
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self._listener = Listener(("127.0.0.1", port), Conversation)
        self._listener.house = self
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def lie(self, step: str, answer: str, *, to: str | None = None, times: int = 1) -> None:
        with self.script.lock:
            self.script.lies.append(Lie(step, answer, to, times))

    def be_honest(self) -> None:
        with self.script.lock:
            self.script.lies.clear()

    @property
    def accepted(self) -> list[Received]:
        """The messages that this server took, in the order of arrival."""
        with self.lock:
            return [message for message in self.received if message.accepted]

    def accepted_by(self, to: str) -> int:
        return self.counts()[to]

    def counts(self) -> Counter[str]:
        """{recipient: messages taken}."""
        return Counter(message.to for message in self.accepted)

    def stop(self) -> None:
        self.stopped.set()
        self._listener.shutdown()
        self._listener.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: Any) -> None:
        self.stop()
