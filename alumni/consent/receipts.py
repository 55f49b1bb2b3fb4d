"""What a member keeps: the consent records in JSON, and the receipt by mail after a choice."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.uid import uuid7
from alumni.consent import ledger, signature
from alumni.consent.models import IN_FORCE, ConsentEvent, NoticeText
from alumni.consent.purposes import in_words
from alumni.consent.record_shape import event_object, moment, own_fields
from alumni.members.models import Member

RECEIPT_VERSION = "dpv-27560:receipt-eu-gdpr"


def records_of(principal_uid: uuid.UUID, *, seqs: Iterable[int] | None = None) -> list[dict[str, Any]]:
    """A person's consent records, each with their events on it in the order of the ledger; with `seqs` those alone."""
    events = ConsentEvent.objects.filter(principal_uid=principal_uid)
    if seqs is not None:
        events = events.filter(seq__in=list(seqs))
    records: dict[int, dict[str, Any]] = {}
    for event in events.select_related("record__notice_text", "evidence").order_by("seq"):
        record = records.get(event.record_id)
        if record is None:
            text = event.record.notice_text
            record = {**own_fields(event.record, text), **text.frame, "events": []}
            records[event.record_id] = record
        record["events"].append(event_object(event, event.evidence))
    return list(records.values())


def receipt(*, principal_uid: uuid.UUID, seqs: Iterable[int], at: dt.datetime | None = None) -> dict[str, Any]:
    """The signed receipt of some events of one person. The ledger's head is in it: proof that they were in by then."""
    records = records_of(principal_uid, seqs=seqs)
    head = ledger.head()
    return signature.signed(
        {
            "receipt_id": str(uuid7()),
            "schema_version": RECEIPT_VERSION,
            "issued_at": moment(at or timezone.now()),
            "record_ids": [record["record_id"] for record in records],
            "records": records,
            "ledger_head": {"seq": head.seq, "hash": head.hash},
            "public_key": signature.public_key(),
        }
    )


def send_receipt(*, member: Member, events: Sequence[ConsentEvent]) -> None:
    """Queue the mail that repeats a member's choices and the text they saw, with the receipt attached. In the caller's
    transaction; nothing for no events."""
    if not events:
        return
    seqs = [event.seq for event in events]
    document = receipt(principal_uid=member.uid, seqs=seqs)
    rows = list(ConsentEvent.objects.filter(seq__in=seqs).select_related("record__notice_text__notice").order_by("seq"))
    with translation.override(member.language):
        day = date_format(timezone.localtime(rows[0].event_time), "j F Y")
        service_mail.queue(
            kind="receipt",
            to=member.email,
            subject=_("Your choices of %(date)s, to keep") % {"date": day},
            text=_receipt_text(rows, day),
            member_id=member.pk,
            dedupe_key=f"receipt:{rows[-1].event_uid}",
            attachments=[
                (
                    _("receipt.json"),
                    json.dumps(document, ensure_ascii=False, indent=1).encode(),
                    "application/json",
                )
            ],
        )


def _receipt_text(events: list[ConsentEvent], day: str) -> str:
    texts = [event.record.notice_text for event in events]
    opening = _(
        "This is what you chose on %(date)s at %(time)s: %(choices)s. Below is the text you saw (version %(version)s). "
        "The attachment is the same for computers."
    ) % {
        "date": day,
        "time": date_format(timezone.localtime(events[0].event_time), "H:i"),
        "choices": _choices(events),
        "version": ", ".join(sorted({str(text.notice.version) for text in texts})),
    }
    return "\n\n".join([opening, *_texts_once(texts)])


def _choices(events: list[ConsentEvent]) -> str:
    yes = [event.purpose for event in events if event.state in IN_FORCE]
    no = [event.purpose for event in events if event.state not in IN_FORCE]
    said = [_("yes: %s") % in_words(yes)] if yes else []
    return "; ".join([*said, _("no: %s") % in_words(no)] if no else said)


def _texts_once(texts: list[NoticeText]) -> list[str]:
    """The notices with what they have in common said once."""
    shared: dict[str, list[str]] = {}
    for text in texts:
        label, _empty, parts = text.text.partition("\n\n")
        shared.setdefault(parts, []).append(label.replace("\n", " "))
    return [block for parts, labels in shared.items() for block in (*labels, parts)]
