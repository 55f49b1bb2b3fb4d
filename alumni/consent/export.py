"""The whole ledger as JSON lines, for a verifier outside, and its head to be kept elsewhere.

The first line says what the file is. Then come the frames that the records use (what was asked: few), each once, then
one line an event by `seq` with the own fields of its record: so a verifier needs no more memory for a million events
than for ten. The last line is the head.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from alumni.consent import ledger, signature
from alumni.consent.canonical import digest
from alumni.consent.models import ConsentEvent, LedgerHead, NoticeText
from alumni.consent.record_shape import event_object, moment, own_fields

FORMAT = "kring-ledger/1"
CHUNK = 2000


def signed_head(head: LedgerHead, at: dt.datetime | None = None) -> dict[str, Any]:
    """{seq, hash, time, public_key, signature}: kept outside the house, it shows a tail that was cut off later."""
    return signature.signed(
        {"seq": head.seq, "hash": head.hash, "time": moment(at or timezone.now()), "public_key": signature.public_key()}
    )


def lines(*, head: LedgerHead | None = None, evidence: bool = True) -> Iterator[dict[str, Any]]:
    """The export, one object a line, up to `head` (default: that of this moment). `evidence=False` leaves out the
    erasable parts (browser, network, keyed hash of the address)."""
    head = head or ledger.head()
    yield {"ledger": FORMAT, "events": head.seq, "exported_at": moment(timezone.now())}
    texts = {text.pk: text for text in NoticeText.objects.order_by("id")}
    frame_ids = {text.pk: digest(text.frame) for text in texts.values()}
    for shown in texts.values():
        yield {"frame_sha256": frame_ids[shown.pk], "frame": shown.frame, "text": shown.text}
    for event in _events(head.seq):
        text = texts.get(event.record.notice_text_id)
        yield {
            "seq": event.seq,
            "purpose": event.purpose,
            "pii_principal_id": str(event.principal_uid),
            "record": own_fields(event.record, text) if text else {},
            "frame_sha256": frame_ids.get(event.record.notice_text_id, ""),
            "event": event_object(event, getattr(event, "evidence", None) if evidence else None),
        }
    yield {"head": signed_head(head)}


def _events(last: int) -> Iterator[ConsentEvent]:
    """In chunks by key: memory stays flat, and no long read holds anything up."""
    rows = ConsentEvent.objects.select_related("record", "evidence").order_by("seq")
    chunk = list(rows[:CHUNK])
    while chunk:
        for event in chunk:
            # What was appended since the head was read belongs to the next export. A row that no head knows does not
            # hide behind that: it is shown, and the verifier names it.
            if event.seq > last and event.seq <= ledger.head().seq:
                return
            yield event
        chunk = list(rows.filter(seq__gt=chunk[-1].seq)[:CHUNK])


def as_text(line: dict[str, Any]) -> str:
    """One line of the file."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
