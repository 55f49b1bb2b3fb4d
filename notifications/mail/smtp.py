"""The wire: one kept connection to the mail server, one message at a time, and what its answer means.

smtplib connects, greets, encrypts and logs in; the sending is ours, because smtplib does not say whether a message may
have been accepted when the line breaks. Up to the final dot it surely was not; after it nobody knows.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import BadHeaderError

from notifications.mail.message import envelope_address

_ADDRESS = re.compile(r"[^\s<>()\"',;:]+@[^\s<>()\"',;:]+")
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
# Filters look at a whole message before they answer the final dot (RFC 5321 section 4.5.3.2.6 allows ten minutes).
FINAL_ANSWER_PATIENCE = 4
# Closing down, or our own log-in is wrong: the next message would fare no better, and this one is not at fault.
_AWAY = frozenset({421, 530, 534, 535, 538})


@dataclass(frozen=True)
class Answer:
    """What the server said. `text` names no address: the row that keeps it outlives the person."""

    code: int
    text: str

    @classmethod
    def of(cls, code: int, text: bytes | str) -> "Answer":
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        return cls(code, _ADDRESS.sub("***", " ".join(words.split()))[:480])

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463), `5.1.1`; empty when the server gave none."""
        found = _ENHANCED.match(self.text)
        return found.group(1) if found else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text


class NotHandedOver(Exception):
    """The message was not, or not surely, accepted. `answer` is what is known."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


class Transient(NotHandedOver):
    """Surely not accepted; worth another try. `is_away`: the server itself, not this message, is the trouble."""

    def __init__(self, answer: Answer, *, is_away: bool = False) -> None:
        super().__init__(answer)
        self.is_away = is_away


class Permanent(NotHandedOver):
    """Surely not accepted, and another try would end the same."""


class Lost(NotHandedOver):
    """The line broke after the final dot: perhaps accepted, perhaps not. Never send again."""


class Wire:
    """A connection that is opened at the first message and kept for the next ones."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def send(self, envelope_from: str, to: str, body: bytes) -> Answer:
        """Hand one message to the server and return its 250.

        `to` is one bare address, `body` whole with CRLF line ends. Raises Transient, Permanent or Lost. A server that
        had closed the kept connection meanwhile is called again, once.
        """
        try:
            to = envelope_address(to)
        except BadHeaderError as error:
            raise Permanent(Answer(553, "5.1.3 this address cannot be written in an envelope")) from error
        was_kept = self._server is not None
        try:
            return self._send(envelope_from, to, body)
        except Transient as error:
            if not (was_kept and error.is_away):
                raise
        return self._send(envelope_from, to, body)

    def open(self) -> None:
        """Connect now, if not connected, before many messages are marked. Raises Transient when the server is away."""
        self._connected()

    @property
    def takes_8bit(self) -> bool:
        """Whether the server offers 8BITMIME. Connects; raises Transient when it is away."""
        return self._connected().has_extn("8bitmime")

    def close(self) -> None:
        """End the connection politely; a server that is gone already is no error."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _send(self, envelope_from: str, to: str, body: bytes) -> Answer:
        server = self._connected()
        try:
            self._command(server, f"MAIL FROM:<{envelope_from}>{self._options(server, body)}", 250)
            self._command(server, f"RCPT TO:<{to}>", 250, 251)
            self._command(server, "DATA", 354)
            server.send(_dot_stuffed(body))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Transient(_broken(error), is_away=True) from error
        return self._final_answer(server)

    def _command(self, server: smtplib.SMTP, command: str, *wanted: int) -> None:
        answer = Answer.of(*server.docmd(command))
        if answer.code in wanted:
            return
        if answer.code in _AWAY or not 400 <= answer.code < 600:
            self._drop()
            raise Transient(answer, is_away=True)
        self._reset(server)
        raise (Permanent if answer.code >= 500 else Transient)(answer)

    def _final_answer(self, server: smtplib.SMTP) -> Answer:
        try:
            if server.sock is not None:
                server.sock.settimeout(settings.SMTP_TIMEOUT * FINAL_ANSWER_PATIENCE)
            answer = Answer.of(*server.getreply())
            if server.sock is not None:
                server.sock.settimeout(settings.SMTP_TIMEOUT)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Lost(_broken(error)) from error
        if answer.code == 421:
            self._drop()
        if 200 <= answer.code < 300:
            return answer
        if 400 <= answer.code < 600:
            raise (Permanent if answer.code >= 500 else Transient)(answer)
        self._drop()
        raise Lost(answer)

    def _options(self, server: smtplib.SMTP, body: bytes) -> str:
        size = f" SIZE={len(body)}" if server.has_extn("size") else ""
        return f"{size} BODY=8BITMIME" if not body.isascii() and server.has_extn("8bitmime") else size

    def _reset(self, server: smtplib.SMTP) -> None:
        try:
            if server.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            self._server = _connect()
        return self._server

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


@contextmanager
def connection() -> Iterator[Wire]:
    """A wire for as long as the block lasts. Nothing is opened before the first message."""
    wire = Wire()
    try:
        yield wire
    finally:
        wire.close()


def _connect() -> smtplib.SMTP:
    """Connect, encrypt and log in as the settings say. Whatever fails here is no message's fault: Transient, away."""
    server: smtplib.SMTP | None = None
    try:
        server = _open()
        server.ehlo_or_helo_if_needed()
        if settings.SMTP_TLS == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.SMTP_USER:
            server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        if server is not None:
            server.close()
        raise Transient(_broken(error), is_away=True) from error
    return server


def _open() -> smtplib.SMTP:
    name = urlsplit(settings.BASE_URL).hostname or "localhost"
    if settings.SMTP_TLS == "tls":
        return smtplib.SMTP_SSL(
            settings.SMTP_HOST,
            settings.SMTP_PORT,
            local_hostname=name,
            timeout=settings.SMTP_TIMEOUT,
            context=ssl.create_default_context(),
        )
    return smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT, local_hostname=name, timeout=settings.SMTP_TIMEOUT)


def _broken(error: Exception) -> Answer:
    if isinstance(error, smtplib.SMTPResponseException):
        return Answer.of(error.smtp_code, error.smtp_error)
    return Answer.of(0, f"{type(error).__name__}: {error}")


def _dot_stuffed(body: bytes) -> bytes:
    """The message as DATA wants it: a dot in front of each line that begins with one, and the final dot."""
    if body.startswith(b"."):
        body = b"." + body
    end = b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n"
    return body.replace(b"\r\n.", b"\r\n..") + end
