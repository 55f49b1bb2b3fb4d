"""Builds a digest again from its rows. Bodies are not stored: the hash says whether this is what was sent."""

import datetime as dt
from dataclasses import dataclass

from django.utils.html import escape

from alumni.accounts.organisation import the_organisation
from alumni.consent.models import ConsentEvent, ConsentState
from notifications.digests.compose import Composed, Composer, Item
from notifications.digests.models import Digest, DigestItem
from notifications.mail import links


@dataclass(frozen=True)
class Rebuilt:
    """What a digest looks like. `exact`: byte for byte what was handed over. Empty when nothing is left of it."""

    subject: str
    html: str
    text: str
    message: bytes
    exact: bool


def allowing_events(digest: Digest) -> dict[str, ConsentEvent]:
    """{purpose: the event in the ledger that allowed its items}: the last up to the place where consent was asked."""
    if digest.consent_seq is None:
        return {}
    events = ConsentEvent.objects.filter(principal_uid=digest.member.uid, seq__lte=digest.consent_seq).order_by("seq")
    return {event.purpose: event for event in events}


def _consent_days(digest: Digest) -> dict[str, dt.date]:
    if events := allowing_events(digest):
        return {purpose: event.event_time.date() for purpose, event in events.items()}
    states = ConsentState.objects.filter(member=digest.member)
    return {purpose: at.date() for purpose, at in states.values_list("purpose", "event_time")}


def rebuild(digest: Digest, *, with_own_links: bool = True) -> Rebuilt:
    """The digest as it was sent, or as it would be now where it was not; about eight queries.

    Without the member's own links (unsubscribe, preferences) these are empty in the texts, and there is no message.
    """
    items = list(DigestItem.objects.filter(digest=digest, outcome__isnull=True).order_by("rank"))
    lines = [Item(item.version_id, item.reason) for item in items]
    composed = Composer(the_organisation()).compose(digest, digest.member, lines, _consent_days(digest))
    exact = composed.sha256 != "" and composed.sha256 == digest.body_sha256
    html, text, message = composed.part("html"), composed.part("plain"), composed.body
    if not with_own_links:
        for url in _own_links(digest, composed):
            html, text = html.replace(escape(url), ""), text.replace(url, "")
        message = b""
    return Rebuilt(composed.subject, html, text, message, exact)


def _own_links(digest: Digest, composed: Composed) -> list[str]:
    """Preferences first: it begins as the other does."""
    uid, purposes = digest.member.uid, composed.purposes
    return [links.preferences_url(uid, purposes), links.unsubscribe_url(uid, purposes)]
