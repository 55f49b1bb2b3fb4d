"""Forgets a person. What stays is keyed hashes and consent events that no longer identify anybody."""

import structlog
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.models import User
from alumni.consent import suppression
from alumni.consent.models import SuppressionReason
from alumni.members.models import Member
from alumni.privacy import registry
from alumni.privacy.signals import member_erased

log = structlog.get_logger(__name__)


@transaction.atomic
def erase(*, member: Member, requested_by: User | None = None, on_request: bool = True, tell: bool = True) -> None:
    """Erase a member from every room, at once and for good; a second time does nothing.

    `on_request`: the person asked, so the keyed hash of the address stays suppressed; without it (a term has passed)
    nothing stays. `tell`: a last mail says so; its row is blanked as soon as it was handed over. `requested_by` is who
    of HR entered it; None: the person themselves.
    """
    present = Member.objects.select_for_update().filter(pk=member.pk).first()
    if present is None:
        return
    if on_request:
        suppression.suppress(email=present.email, reason=SuppressionReason.ERASED)
    for holder in registry.holders():
        holder.erase(present)
    if on_request and tell:
        _say_goodbye(present)
    member_erased.send(sender=Member, member_uid=present.uid)
    by = str(requested_by.uid) if requested_by else "member"
    # After a restore this line says whom to erase again.
    transaction.on_commit(lambda: log.info("member_erased", member=str(present.uid), by=by))


def _say_goodbye(member: Member) -> None:
    """The last mail. Its row names no member: there is none any more."""
    with translation.override(member.language):
        day = date_format(timezone.localdate(), "j F Y")
        done = _("Your data was erased on %(date)s. This is our last e-mail to you.") % {"date": day}
        stays = _(
            "We keep only a keyed code of your address, so that nobody can enter you again by mistake, and lines in "
            "the consent book without your name and address."
        )
        service_mail.queue(
            kind="privacy_answer",
            to=member.email,
            subject=_("Your data was erased"),
            text=f"{done}\n\n{stays}",
        )
