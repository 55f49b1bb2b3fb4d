"""The demo's mail server keeps what it gets; /mailbox/ shows it safely, whatever it is."""

import asyncio
import email.message
import os
import re
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alumni.accounts.models import Organisation
from alumni.accounts.service_mail import queue
from notifications.mail import checks, mailbox, outbox
from notifications.mail.letters import open_letter

pytestmark = pytest.mark.django_db

PLAIN = b"From: Marieke <m@maasveld.example>\r\nTo: eva@elders.example\r\nSubject: Hallo\r\n\r\nDag https://a.example/x.\r\n"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MAILBOX = True
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    return settings.MAILBOX_DIR


@pytest.fixture
def served(settings: Any) -> Iterator[int]:
    """The mailbox's own server, on a free port that the settings point at."""
    ports: list[int] = []
    is_up, parts = threading.Event(), {}

    async def main() -> None:
        parts["loop"], parts["stop"] = asyncio.get_running_loop(), asyncio.Event()
        await mailbox.serve(host="127.0.0.1", port=0, stop=parts["stop"], ready=ports.append)

    async def tell() -> None:
        serving = asyncio.ensure_future(main())
        while not ports and not serving.done():
            await asyncio.sleep(0.005)
        is_up.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(tell()))
    thread.start()
    assert is_up.wait(5)
    settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", ports[0]
    yield ports[0]
    parts["loop"].call_soon_threadsafe(parts["stop"].set)
    thread.join(5)
    assert not thread.is_alive()


def _keep(data: bytes = PLAIN, to: str = "eva@elders.example") -> str:
    return mailbox.keep(mail_from="m@maasveld.example", to=to, data=data)


def test_what_is_handed_over_can_be_read(organisation: Organisation, served: int, client: Client) -> None:
    queue(
        kind="opt_in", to="eva@elders.example", subject="Zoë, hallo", text="Dag", button=("Kies", "https://n.example/t")
    )
    outbox.deliver()
    page = client.get("/mailbox/")
    assert page.status_code == 200 and "Zoë, hallo" in page.content.decode()
    (found,) = client.get("/mailbox/?format=json&to=Eva@elders.example").json()["results"]
    assert found["subject"] == "Zoë, hallo" and found["to"] == "eva@elders.example"
    assert found["links"] == ["https://n.example/t"]
    letter = client.get(f"/mailbox/{found['id']}/").content.decode()
    assert 'href="https://n.example/t"' in letter and f'src="/mailbox/{found["id"]}/html/"' in letter
    raw = client.get(f"/mailbox/{found['id']}/raw/")
    assert raw.headers["Content-Type"] == "message/rfc822"
    assert raw.content.startswith(b"Return-Path: <netwerk@maasveld.example>\r\nDelivered-To: eva@elders.example\r\n")


def test_the_html_part_may_do_nothing(client: Client) -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    message = email.message.EmailMessage()
    message["Subject"] = "x"
    message.set_content("tekst")
    message.add_alternative('<img src="cid:face"><img src="cid:none"><script>alert(1)</script>', subtype="html")
    message.get_payload()[1].add_related(picture, "image", "png", cid="<face>")  # type: ignore[union-attr]
    name = _keep(message.as_bytes())
    response = client.get(f"/mailbox/{name}/html/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy and "script" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    body = response.content.decode()
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in body and 'src="data:,"' in body
    assert "<script>" not in client.get(f"/mailbox/{name}/").content.decode()


def test_messages_come_newest_first_a_page_at_a_time(client: Client) -> None:
    names = [_keep() for _ in range(52)]
    first = client.get("/mailbox/?format=json").json()
    assert [letter["id"] for letter in first["results"]] == names[:1:-1]
    second = client.get(f"/mailbox/?format=json&before={first['before']}").json()
    assert [letter["id"] for letter in second["results"]] == [names[1], names[0]] and second["before"] is None


def test_a_recipient_finds_only_their_own_mail(client: Client) -> None:
    _keep()
    mine = _keep(to="Bob@Thuis.example")
    found = client.get("/mailbox/?format=json&to=bob@thuis.example").json()["results"]
    assert [letter["id"] for letter in found] == [mine]
    assert "bob@thuis.example" in client.get("/mailbox/?to=bob@thuis.example").content.decode()


def test_each_recipient_of_one_message_gets_a_copy(served: int) -> None:
    with smtplib.SMTP("127.0.0.1", served) as server:
        server.sendmail("m@maasveld.example", ["eva@elders.example", "bob@thuis.example"], PLAIN)
    assert len(mailbox.names()) == 2 and len(mailbox.names(to="bob@thuis.example")) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe binary \x80",
        b"Subject: =?no-such-charset?b?!!!?=\r\nFrom: <<<>>\r\nContent-Type: text/plain; charset=none\r\n\r\n\xff",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!",
        b"Subject: \xe9\xe8 raw latin\r\n\r\nx",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%fe\r\n\r\nx",
    ],
)
def test_a_broken_message_is_shown_as_far_as_it_goes(client: Client, raw: bytes) -> None:
    name = _keep(raw)
    for path in ("/mailbox/", "/mailbox/?format=json", f"/mailbox/{name}/", f"/mailbox/{name}/?format=json"):
        assert client.get(path).status_code == 200
    assert client.get(f"/mailbox/{name}/html/").status_code == 200
    assert client.get(f"/mailbox/{name}/raw/").content.endswith(raw)


def test_a_name_that_is_none_reaches_no_file(client: Client, folder: Path) -> None:
    _keep()
    (folder / "secret.eml").write_text("x")
    for name in ("secret", "..", "0" * 20, "00000000000000000000-000000000000-000000"):
        assert client.get(f"/mailbox/{name}/").status_code == 404
        assert client.get(f"/mailbox/{name}/raw/").status_code == 404
    assert mailbox.read("../mailbox/secret") is None
    assert len(mailbox.names()) == 1


def test_without_the_setting_there_is_no_mailbox(client: Client, settings: Any) -> None:
    name = _keep()
    settings.MAILBOX = False
    for path in (
        "/mailbox/",
        "/mailbox/?format=json",
        f"/mailbox/{name}/",
        f"/mailbox/{name}/html/",
        f"/mailbox/{name}/raw/",
    ):
        assert client.get(path).status_code == 404


def test_the_pages_only_read(client: Client) -> None:
    assert client.post("/mailbox/").status_code == 405
    assert "no-store" in client.get("/mailbox/").headers["Cache-Control"]


def test_too_large_a_message_is_refused(served: int) -> None:
    with smtplib.SMTP("127.0.0.1", served) as server, pytest.raises(smtplib.SMTPException):
        server.sendmail("m@maasveld.example", ["eva@elders.example"], b"x" * (mailbox.MAX_BYTES + 1))
    assert mailbox.names() == []


def test_the_oldest_go_when_there_are_too_many() -> None:
    names = [_keep() for _ in range(5)]
    assert mailbox.prune(kept=2) == 3
    assert mailbox.names() == [names[4], names[3]]


def test_the_links_of_a_letter_are_those_of_its_text() -> None:
    letter = open_letter(_keep(), PLAIN)
    assert letter.links == ["https://a.example/x"] and letter.text == "Dag https://a.example/x.\n"


@pytest.mark.processes
def test_the_command_serves_until_it_is_told_to_stop(folder: Path) -> None:
    command = [sys.executable, "manage.py", "mailbox", "--port", "0"]
    environment = os.environ | {"MAILBOX_DIR": str(folder), "DATABASE_URL": "sqlite:///:memory:"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(re.findall(r"port (\d+)", process.stdout.readline())[0])
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.sendmail("m@maasveld.example", ["eva@elders.example"], PLAIN)
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
    assert len(mailbox.names()) == 1


def test_a_mailbox_beside_a_real_mail_server_is_refused_at_the_start(settings: Any) -> None:
    settings.SMTP_HOST = "smtp.provider.example"
    assert [found.id for found in checks.mail_settings()] == ["mail.E001"]
    settings.MAILBOX = False
    assert checks.mail_settings() == []
    settings.SMTP_TLS = "yes"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert [found.id for found in checks.mail_settings()] == ["mail.E002", "mail.E003"]
