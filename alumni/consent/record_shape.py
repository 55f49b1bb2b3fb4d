"""Rows of the ledger in the shape of a consent record (ISO/IEC TS 27560:2023 with DPV), and what of it is hashed.

1. `record_sha256`: the record's own fields and its frame, without events; the same in each of its events.
2. `person_sha256`, `link_sha256`: the erasable parts, each with a fresh salt of 128 bits.
3. `hash`: the event without `ext.hash`, `ext.person` and `ext.link`. It covers `seq`, `prev_hash` and the digests.
4. `prev_hash`: the hash of the event before it in the company's one ledger; 64 zeros for the first.
"""

import datetime as dt
from typing import Any

from alumni.consent.canonical import digest
from alumni.consent.models import ConsentEvent, ConsentEvidence, ConsentRecord, NoticeText

SCHEMA_VERSION = "dpv-27560:record-eu-gdpr"


def moment(value: dt.datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as every time of the ledger is kept."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def own_fields(record: ConsentRecord, text: NoticeText) -> dict[str, Any]:
    """The record's own fields: all of it but the frame and the events. `text` is the record's notice text."""
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": str(record.uid),
        "pii_principal_id": str(record.principal_uid),
        "created": moment(record.created_at),
        "creator": text.frame["parties"][0]["party_id"],
        "language": text.language,
    }


def record_digest(record: ConsentRecord, text: NoticeText) -> str:
    """`record_sha256`: ties an event to notice, purpose, parties and person."""
    return digest({**own_fields(record, text), **text.frame})


def event_object(event: ConsentEvent, evidence: ConsentEvidence | None = None) -> dict[str, Any]:
    """An event as it is exported; without `evidence` its two erasable parts are null."""
    ext: dict[str, Any] = {
        "method": event.method,
        "channel": event.channel,
        "form_version": event.form_version,
        "expression_text": event.expression,
        "ui_locale": event.locale,
        "actor": event.actor,
        "seq": event.seq,
        "person_sha256": event.person_sha256,
        "link_sha256": event.link_sha256,
        "person": evidence.person if evidence else None,
        "link": evidence.link if evidence else None,
        "record_sha256": event.record_sha256,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }
    if event.doi_sent_at and event.doi_confirmed_at:
        ext["double_opt_in"] = {"sent_at": moment(event.doi_sent_at), "confirmed_at": moment(event.doi_confirmed_at)}
    return {
        "event_id": str(event.event_uid),
        "event_time": moment(event.event_time),
        "validity_duration": event.validity_duration,
        "entity_id": event.actor,
        "event_type": "expressed",
        "event_state": event.state,
        "ext": ext,
    }


def hashed_part(event: dict[str, Any]) -> dict[str, Any]:
    """What `hash` is taken over."""
    ext = {name: value for name, value in event["ext"].items() if name not in {"hash", "person", "link"}}
    return {**event, "ext": ext}
