"""What a refusal says of the address: that it does not exist, or nothing."""

import structlog
from django.db import transaction
from django.utils import timezone

from alumni.accounts.addresses import email_key
from alumni.consent import suppression
from alumni.consent.models import SuppressionReason
from alumni.members.models import Member
from notifications.mail.smtp import Answer

log = structlog.get_logger(__name__)

# Mailbox or domain does not exist, moved, takes no mail, is disabled (RFC 3463, RFC 7505). Not 5.2.2 (full) and not
# 5.7.x (our policy or reputation): these are not the address's fault.
HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


@transaction.atomic
def note_refusal(*, email: str, member_id: int | None, answer: Answer) -> bool:
    """After a permanent refusal: where the address does not exist, stop mail to it. True when it was stopped.

    A refusal for an address that the member no longer has does not touch the new one.
    """
    if answer.enhanced not in HARD or member_id is None:
        return False
    member = Member.objects.select_for_update().filter(pk=member_id, email_key=email_key(email)).first()
    if member is None or member.undeliverable_at is not None:
        return False
    member.undeliverable_at = timezone.now()
    member.save(update_fields=["undeliverable_at"])
    suppression.suppress(email=email, reason=SuppressionReason.HARD_BOUNCE)
    log.info("address_undeliverable", member=str(member.uid), status=answer.enhanced)
    return True
