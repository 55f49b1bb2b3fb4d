"""Django's e-mail API writes outbox rows, and refuses what has no place on the closed list."""

from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMessage, send_mail
from django.db import transaction
from django.utils import translation

from alumni.accounts.models import Organisation
from alumni.accounts.service_mail import ServiceMessage, queue
from backend.http.errors import Conflict
from notifications.mail.backend import RefusedMessage
from notifications.mail.models import ServiceMail


def _queue(**changes: Any) -> None:
    mail = {"kind": "opt_in", "to": "alice@thuis.example", "subject": "Onderwerp", "text": "Dag Alice"}
    queue(**(mail | changes))


def test_a_service_mail_becomes_a_row_and_wakes_a_worker_after_the_commit(
    organisation: Organisation, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        _queue()
    row = ServiceMail.objects.get()
    assert (row.kind, row.to, row.state, row.attempts) == ("opt_in", "alice@thuis.example", "planned", 0)
    assert len(callbacks) == 1


def test_a_mail_goes_down_with_the_transaction_that_wrote_it(organisation: Organisation) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _queue()
        raise RuntimeError
    assert not ServiceMail.objects.exists()


def test_a_message_without_a_kind_is_refused(organisation: Organisation) -> None:
    with pytest.raises(RefusedMessage):
        send_mail("Onderwerp", "Tekst", None, ["alice@thuis.example"])
    with pytest.raises(RefusedMessage):
        _queue(kind="newsletter")
    assert not ServiceMail.objects.exists()


def test_fail_silently_does_not_hide_a_refusal(organisation: Organisation) -> None:
    with pytest.raises(RefusedMessage):
        EmailMessage("Onderwerp", "Tekst", to=["alice@thuis.example"]).send(fail_silently=True)


@pytest.mark.parametrize(
    "recipients",
    [
        {"to": ["alice@thuis.example", "bob@thuis.example"]},
        {"to": ["alice@thuis.example"], "cc": ["bob@thuis.example"]},
        {"to": ["alice@thuis.example"], "bcc": ["bob@thuis.example"]},
    ],
)
def test_a_service_mail_goes_to_one_person(organisation: Organisation, recipients: dict[str, list[str]]) -> None:
    with pytest.raises(RefusedMessage):
        ServiceMessage("Onderwerp", "Tekst", kind="opt_in", **recipients).send()
    assert not ServiceMail.objects.exists()


def test_headers_of_a_caller_are_refused(organisation: Organisation) -> None:
    message = ServiceMessage(
        "Onderwerp", "Tekst", to=["alice@thuis.example"], kind="opt_in", headers={"List-Unsubscribe": "<https://x>"}
    )
    with pytest.raises(RefusedMessage):
        message.send()


def test_a_second_mail_with_the_same_dedupe_key_is_dropped(organisation: Organisation) -> None:
    with transaction.atomic():
        _queue(dedupe_key="receipt:1")
        _queue(dedupe_key="receipt:1", to="bob@thuis.example")
        _queue(dedupe_key="receipt:2")
    assert sorted(ServiceMail.objects.values_list("dedupe_key", "to")) == [
        ("receipt:1", "alice@thuis.example"),
        ("receipt:2", "alice@thuis.example"),
    ]


@pytest.mark.parametrize("poison", ["\r\nBcc: eve@evil.example", "\nX: y", "a\x00b", "\x1b[31m", "a\x7f"])
@pytest.mark.parametrize("field", ["subject", "to", "from_email", "reply_to", "filename"])
def test_control_characters_in_a_header_are_refused(organisation: Organisation, field: str, poison: str) -> None:
    message = ServiceMessage("Onderwerp", "Tekst", "netwerk@maasveld.example", ["alice@thuis.example"], kind="opt_in")
    if field == "filename":
        message.attach(f"bewijs{poison}.json", "{}", "application/json")
    else:
        poisoned = f"alice{poison}@thuis.example"
        setattr(message, field, [poisoned] if field in ("to", "reply_to") else poisoned)
    with pytest.raises(BadHeaderError):
        message.send()
    assert not ServiceMail.objects.exists()


@pytest.mark.parametrize(
    "address", ["", "alice", "@thuis.example", "a b@thuis.example", "josé@thuis.example", "a@b, c@d"]
)
def test_what_is_no_address_for_the_wire_is_refused(organisation: Organisation, address: str) -> None:
    # An empty list of recipients never reaches a backend: Django's send() returns first.
    if address:
        with pytest.raises((BadHeaderError, RefusedMessage)):
            _queue(to=address)
    assert not ServiceMail.objects.exists()


def test_an_international_domain_goes_out_as_a_labels(organisation: Organisation) -> None:
    _queue(to="alice@bücher.example")
    assert ServiceMail.objects.get().to == "alice@xn--bcher-kva.example"


def test_the_row_holds_the_message_as_it_will_be_sent(organisation: Organisation) -> None:
    with translation.override("nl"):
        _queue(attachments=[("bewijs.json", b'{"a": 1}', "application/json")])
    row = ServiceMail.objects.get()
    message = message_from_bytes(bytes(row.body), policy=policy.strict)
    assert message["From"].addresses[0].addr_spec == "netwerk@maasveld.example"
    assert message["From"].addresses[0].display_name.startswith("Marieke de Boer")
    assert message["Reply-To"] == "netwerk@maasveld.example"
    assert message["Message-ID"] == row.message_id
    assert row.message_id.startswith("<opt_in.") and row.message_id.endswith("@maasveld.example>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime is not None
    assert not [name for name in message if name.lower().startswith("list-")]
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "application/json",
    ]


def test_without_a_postal_address_hr_is_told_at_once_but_a_visitor_is_not(organisation: Organisation) -> None:
    Organisation.objects.update(street="")
    with pytest.raises(Conflict) as refusal:
        _queue(kind="invitation")
    assert refusal.value.code == "company_incomplete"
    _queue(kind="opt_in")
    _queue(kind="none")
    assert sorted(ServiceMail.objects.values_list("kind", flat=True)) == ["none", "opt_in"]


def test_a_fresh_installation_can_still_send_a_login_code_to_its_staff(db: None) -> None:
    _queue(kind="staff_login_code", to="admin@maasveld.example")
    message = message_from_bytes(bytes(ServiceMail.objects.get().body), policy=policy.strict)
    assert message["From"].addresses[0].addr_spec == "network@localhost"
