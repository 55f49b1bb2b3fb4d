"""The mails that the rooms really send, one of each kind: in Dutch, short, whole, and about one thing."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.utils import translation

from alumni.accounts import login_code
from alumni.accounts.models import User
from alumni.consent import ledger, receipts
from alumni.consent.acts import Act
from alumni.joining import invitations, sign_up
from alumni.members.models import Member
from alumni.privacy import erasure
from notifications.mail.models import ServiceMail

KINDS = {
    "opt_in",
    "already_member",
    "login_code",
    "staff_login_code",
    "invitation",
    "receipt",
    "withdrawal_ack",
    "privacy_answer",
}
# These quote a text that the person saw; the others say one thing in at most 120 words.
LONG = {"receipt", "invitation"}


@pytest.fixture
def mails(make_member: Callable[..., Member], approver: User) -> dict[str, EmailMessage]:
    """{kind: a message of it}, each written by the room that sends it."""
    with translation.override("nl"):
        belgian = make_member("Bram", consents=["gigs"], country="BE")
        leaver = Member.objects.create(
            given_name="Lotte",
            family_name="Maes",
            email="lotte@thuis.example",
            is_alumnus=True,
            permission_remark="yes",
        )
        payload = {"given_name": "Eva", "family_name": "Elders", "kind": "freelancer", "language": "nl"}
        sign_up.request(email="eva@elders.example", payload=payload)
        sign_up.request(email=belgian.email, payload=payload)
        login_code.send(email=belgian.email, code="KNTP-SHBH", minutes=10)
        login_code.send(email=approver.email, code="KNTP-SHBH", minutes=10)
        invitations.invite(member=leaver, by=approver, reason="Zei ja in het exitgesprek")
        by_page = Act(method="preference_page", channel="web", form_version="preferences/1", locale="nl")
        events = ledger.choose(member=belgian, choices={"updates": True, "vacancies": False}, act=by_page)
        receipts.send_receipt(member=belgian, events=events)
        ledger.withdraw(member=belgian, purposes=["gigs"], act=by_page)
        found = {mail.kind: _parsed(mail) for mail in ServiceMail.objects.order_by("pk")}
        erasure.erase(member=belgian)
        return found | {mail.kind: _parsed(mail) for mail in ServiceMail.objects.filter(kind="privacy_answer")}


def _parsed(mail: ServiceMail) -> EmailMessage:
    return message_from_bytes(bytes(mail.body), policy=policy.strict)  # type: ignore[return-value]


def _part(message: EmailMessage, kind: str) -> str:
    found: Any = message.get_body((kind,))
    return str(found.get_content()).replace("\r\n", "\n")


def test_each_is_whole_and_about_one_thing(mails: dict[str, EmailMessage]) -> None:
    assert set(mails) >= KINDS
    for kind, message in mails.items():
        text, html = _part(message, "plain"), _part(message, "html")
        assert message["Auto-Submitted"] == "auto-generated", kind
        assert message["Message-ID"].strip().startswith(f"<{kind}."), kind
        assert len(message["To"].addresses) == 1 and message["Reply-To"], kind
        assert not [name for name in message if name.lower().startswith("list-")], kind
        assert len(html.encode()) < 100_000 and "<img" not in html, kind
        assert "Keulsekade 140" in text and "KvK 12345678" in text, kind
        links = re.findall(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]", text)
        assert links == re.findall(r'href="(https?://[^"]+)"', html.replace("&amp;", "&")), kind
        assert kind in LONG or len(text.split("\n-- \n")[0].split()) <= 120, kind


def test_each_is_in_dutch(mails: dict[str, EmailMessage]) -> None:
    for kind, message in mails.items():
        assert message["Content-Language"] == "nl", kind
        words = set(re.findall(r"[a-z]+", f"{message['Subject']} {_part(message, 'plain')}".lower()))
        assert not words & {"the", "you", "your", "hello", "and", "this"}, kind
