"""How the connection is made: encryption and log-in as the settings say, and never in clear when they say otherwise."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications.mail import smtp
from tests.faults.smtp_server import LyingServer

BODY = b"Subject: x\r\n\r\nDag\r\n"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for the loopback, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server_of(settings: Any, certificate: Path) -> Iterator[Callable[..., LyingServer]]:
    servers = []

    def make(**options: Any) -> LyingServer:
        if options.pop("tls", False):
            options["tls"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            options["tls"].load_cert_chain(certificate)
        servers.append(LyingServer(**options))
        settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_TIMEOUT = "127.0.0.1", servers[-1].port, 20
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


def _send(body: bytes = BODY) -> smtp.Answer:
    with smtp.connection() as wire:
        return wire.send("m@maasveld.example", "eva@elders.example", body)


@pytest.mark.parametrize(("mode", "at_once"), [("starttls", False), ("tls", True)])
def test_a_trusted_server_gets_mail_over_tls(
    server_of: Callable[..., LyingServer],
    settings: Any,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    at_once: bool,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.SMTP_TLS = mode
    server = server_of(tls=True, tls_at_once=at_once, extensions=("STARTTLS",))
    assert _send().code == 250 and server.accepted_by("eva@elders.example") == 1


@pytest.mark.parametrize(("mode", "at_once"), [("starttls", False), ("tls", True)])
def test_a_server_that_nobody_vouches_for_gets_nothing(
    server_of: Callable[..., LyingServer], settings: Any, mode: str, at_once: bool
) -> None:
    settings.SMTP_TLS = mode
    server = server_of(tls=True, tls_at_once=at_once, extensions=("STARTTLS",))
    with pytest.raises(smtp.Transient) as away:
        _send()
    assert away.value.is_away and not server.received


def test_a_server_without_starttls_gets_nothing_in_clear(server_of: Callable[..., LyingServer], settings: Any) -> None:
    settings.SMTP_TLS = "starttls"
    server = server_of()
    with pytest.raises(smtp.Transient) as away:
        _send()
    assert away.value.is_away and not server.received


def test_log_in_with_the_password_of_the_settings(server_of: Callable[..., LyingServer], settings: Any) -> None:
    settings.SMTP_USER, settings.SMTP_PASSWORD = "kring", "geheim"
    server = server_of(extensions=("AUTH PLAIN",))
    assert _send().code == 250
    server.lie("auth", "535 5.7.8 wrong", times=9)
    with pytest.raises(smtp.Transient) as away:
        _send()
    assert away.value.is_away and len(server.received) == 1
    assert "geheim" not in str(away.value)


def test_eight_bits_are_announced_where_the_server_takes_them(server_of: Callable[..., LyingServer]) -> None:
    server_of(extensions=("8BITMIME",))
    with smtp.connection() as wire:
        assert wire.takes_8bit
    server_of(extensions=())
    with smtp.connection() as wire:
        assert not wire.takes_8bit


def test_an_address_that_cannot_be_written_is_refused_without_a_connection(
    server_of: Callable[..., LyingServer],
) -> None:
    server = server_of()
    for address in ("josé@elders.example", "a@b\r\nRCPT TO:<c@d>", "nobody"):
        with smtp.connection() as wire, pytest.raises(smtp.Permanent) as refusal:
            wire.send("m@maasveld.example", address, BODY)
        assert refusal.value.answer.enhanced == "5.1.3"
    assert server.connections == 0


@pytest.mark.parametrize("body", [b"x", b"x\r\n", b".", b".\r\n.\r\n..\r\n", b"a\r\n.b\r\n\r\n.\r\n", b""])
def test_any_body_arrives_as_it_was_but_for_its_last_line_end(
    server_of: Callable[..., LyingServer], body: bytes
) -> None:
    server = server_of()
    _send(body)
    assert server.accepted[0].data == (body if body.endswith(b"\r\n") else body + b"\r\n")
