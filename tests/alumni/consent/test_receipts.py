"""What a member keeps."""

import base64
import email
import email.policy
import json

import pytest
from django.utils import translation

from alumni.consent import ledger, receipts, signature
from alumni.consent.canonical import canonical
from alumni.consent.models import ConsentEvent
from notifications.mail.models import ServiceMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_of(notices, on_the_page):
    """Send a receipt of some choices; returns (message, text, the JSON in it)."""

    def send(member, choices):
        with translation.override("en"):  # whatever the caller's language is
            events = ledger.choose(member=member, choices=choices, act=on_the_page)
            receipts.send_receipt(member=member, events=events)
        [mail] = ServiceMail.objects.filter(kind="receipt", dedupe_key=f"receipt:{events[-1].event_uid}")
        message = email.message_from_bytes(bytes(mail.body), policy=email.policy.default)
        [attachment] = message.iter_attachments()
        assert attachment.get_content_type() == "application/json"
        return message, message.get_body(("plain",)).get_content(), json.loads(attachment.get_content())

    return send


@pytest.fixture
def dora(notices):
    from alumni.members.models import Member

    return Member.objects.create(given_name="Dora", family_name="Smit", email="dora@thuis.example", is_alumnus=True)


def test_the_mail_repeats_the_choices_and_the_text_in_the_members_language(mail_of, dora):
    message, text, _receipt = mail_of(dora, {"gigs": True, "updates": False, "matching": True})
    assert message["Subject"].startswith("Je keuzes van ")
    assert message["Subject"].endswith(", om te bewaren")
    words = " ".join(text.split())
    assert "ja: klussen en kijken wat bij je past; nee: nieuws van Maasveld." in words
    assert "Klussen en opdrachten. We mailen je opdrachten" in words
    # What the notices have in common is said once.
    assert words.count("Geen geboortedatum, geen BSN") == 1


def test_the_receipt_is_signed_and_names_the_ledgers_head(mail_of, dora):
    _message, _text, receipt = mail_of(dora, {"gigs": True, "updates": False})
    assert receipt["schema_version"] == "dpv-27560:receipt-eu-gdpr"
    assert signature.is_genuine(receipt, signature.public_key())
    head = ledger.head()
    assert receipt["ledger_head"] == {"seq": head.seq, "hash": head.hash}
    assert receipt["record_ids"] == [record["record_id"] for record in receipt["records"]]
    events = [event for record in receipt["records"] for event in record["events"]]
    assert [event["ext"]["seq"] for event in events] == [1, 2]
    assert events[1]["ext"]["hash"] == head.hash


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(issued_at="2020-01-01T00:00:00Z"),
        lambda r: r["records"][0]["events"][0].update(event_state="refused"),
        lambda r: r["signature"].update(jws=r["signature"]["jws"][:-4] + "AAAA"),
        lambda r: r["signature"].update(jws="x"),
        lambda r: r.pop("signature"),
        lambda r: r.update(extra=1),
    ],
)
def test_a_changed_receipt_is_not_genuine(mail_of, dora, change):
    _message, _text, receipt = mail_of(dora, {"gigs": True})
    change(receipt)
    assert not signature.is_genuine(receipt, signature.public_key())


def test_the_signature_is_a_detached_jws_that_another_library_can_check(mail_of, dora):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    _message, _text, receipt = mail_of(dora, {"gigs": True})
    proof = receipt.pop("signature")
    header, empty, sig = proof["jws"].split(".")

    def unb64(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    assert empty == ""
    assert json.loads(unb64(header)) == {"alg": "EdDSA", "kid": proof["kid"]}
    signed = f"{header}." + base64.urlsafe_b64encode(canonical(receipt)).rstrip(b"=").decode()
    Ed25519PublicKey.from_public_bytes(unb64(receipt["public_key"])).verify(unb64(sig), signed.encode())


def test_nobody_elses_data_are_in_a_receipt(mail_of, alice, dora):
    _message, _text, receipt = mail_of(dora, {"gigs": True})
    told = json.dumps(receipt)
    assert str(dora.uid) in told
    assert str(alice.uid) not in told
    for mine in ("dora@thuis.example", "Smit"):
        assert mine not in told


def test_no_events_make_no_mail(dora):
    receipts.send_receipt(member=dora, events=[])
    assert not ServiceMail.objects.exists()


def test_a_members_records_hold_all_their_events_in_order(alice, on_the_page):
    ledger.choose(member=alice, choices={"gigs": False}, act=on_the_page)
    ledger.choose(member=alice, choices={"gigs": True}, act=on_the_page)
    [gigs] = [r for r in receipts.records_of(alice.uid) if r["processing"][0]["purpose"] == "gigs"]
    assert [event["event_state"] for event in gigs["events"]] == ["given", "withdrawn", "given"]
    assert ConsentEvent.objects.filter(principal_uid=alice.uid).count() == 6
