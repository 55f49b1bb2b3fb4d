"""Addresses that may not be mailed or imported, kept as keyed hashes: who left, objected, complained or was erased.

Withdrawing one purpose is no suppression. HR and imports cannot lift one; only the person's own new opt-in does.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from alumni.accounts.addresses import email_key, keyed_hash, keyed_hashes
from alumni.consent.models import Suppression, SuppressionReason

# What the person's own new opt-in lifts. A complaint also needs a note of HR, a hard bounce another address.
LIFTED_BY_OPT_IN = (SuppressionReason.UNSUBSCRIBED, SuppressionReason.OBJECTED, SuppressionReason.ERASED)


@transaction.atomic
def suppress(*, email: str, reason: str) -> Suppression:
    """Keep the keyed hash of an address under a reason; a second time for the same reason changes nothing."""
    reason = SuppressionReason(reason)
    standing = _standing([email]).filter(reason=reason).first()
    if standing is not None:
        return standing
    email_hmac, key_id = keyed_hash(email)
    return Suppression.objects.create(email_hmac=email_hmac, key_id=key_id, reason=reason)


def suppressed_keys(emails: Iterable[str]) -> set[str]:
    """Those of the addresses that are suppressed, as `email_key`s. One query for all of them, under every live key."""
    by_hmac = {email_hmac: email_key(email) for email in set(emails) for email_hmac, _key_id in keyed_hashes(email)}
    found = Suppression.objects.filter(email_hmac__in=by_hmac, lifted_by_seq__isnull=True)
    return {by_hmac[email_hmac] for email_hmac in found.values_list("email_hmac", flat=True)}


def is_suppressed(email: str) -> bool:
    """Whether one address is."""
    return bool(suppressed_keys([email]))


def blocks_opt_in(email: str) -> bool:
    """Whether the address is suppressed for a reason that the person's own opt-in does not lift. One query."""
    return _standing([email]).exclude(reason__in=LIFTED_BY_OPT_IN).exists()


def lift(*, email: str, seq: int) -> int:
    """Lift what the person's own opt-in may lift; `seq` names the consent event that did. Returns how many."""
    return _standing([email]).filter(reason__in=LIFTED_BY_OPT_IN).update(lifted_by_seq=seq)


def _standing(emails: Iterable[str]) -> QuerySet[Suppression]:
    hashes = [email_hmac for email in emails for email_hmac, _key_id in keyed_hashes(email)]
    return Suppression.objects.filter(email_hmac__in=hashes, lifted_by_seq__isnull=True)
