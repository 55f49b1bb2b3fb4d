"""What an invited person answers: their choices, rather not, or never again. Only they can, by the link in the mail."""

from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from alumni.accounts.addresses import keyed_hashes
from alumni.accounts.secret_tokens import sha256
from alumni.consent import suppression
from alumni.consent.acts import Act
from alumni.consent.models import SuppressionReason
from alumni.consent.receipts import send_receipt
from alumni.joining import forgetting, sign_up
from alumni.joining.models import Invitation, InvitationAnswer
from alumni.joining.opt_in import enrol
from alumni.members.models import Member
from backend.http.errors import Gone, NotFound


def find(token: str) -> tuple[Invitation, Member]:
    """The open invitation behind a link, and who it is for. Raises NotFound, or Gone (`used`, `expired`)."""
    invitation = Invitation.objects.select_related("member", "invited_by").filter(token_sha256=sha256(token)).first()
    if invitation is None:
        raise NotFound(_("This link does not work. Sign up again and you get a new one."), code="unknown_link")
    if invitation.answer or invitation.member is None:
        raise Gone(_("This link has been used. Your choices are in your preferences."), code="used")
    if invitation.expires_at <= timezone.now():
        day = format_date(timezone.localtime(invitation.expires_at), "j F Y")
        message = _("This link worked until %(date)s. Ask for a new one and we send it to the same address.")
        raise Gone(message % {"date": day}, code="expired")
    return invitation, invitation.member


def _claim(token: str) -> tuple[Invitation, Member]:
    """The same, locked: of two answers at once the second finds the link used."""
    Invitation.objects.select_for_update().filter(token_sha256=sha256(token)).first()
    return find(token)


def _note(invitation: Invitation, answer: InvitationAnswer) -> None:
    invitation.answer, invitation.answered_at = answer, timezone.now()
    invitation.save(update_fields=["answer", "answered_at"])


@transaction.atomic
def accept(*, token: str, consents: dict[str, bool], act: Act) -> Member:
    """Make them a member with these answers, and mail them the receipt.

    Raises Gone (`address_changed`) where HR has another address by now: a link in one mailbox proves no other.
    """
    invitation, member = _claim(token)
    if invitation.email_hmac not in {email_hmac for email_hmac, _key_id in keyed_hashes(member.email)}:
        message = _("This link does not work. Sign up again and you get a new one.")
        raise Gone(message, code="address_changed")
    _note(invitation, InvitationAnswer.JOINED)
    events = enrol(member=member, consents=consents, act=sign_up.with_times(act, sent_at=invitation.sent_at))
    member.refresh_from_db()
    send_receipt(member=member, events=events)
    return member


@transaction.atomic
def decline(*, token: str) -> None:
    """Rather not: they are not mailed and never invited again; what HR brought in goes when its term ends."""
    invitation, _member = _claim(token)
    _note(invitation, InvitationAnswer.DECLINED)


@transaction.atomic
def never(*, token: str) -> None:
    """Never contact me again: the keyed hash of the address is all that stays."""
    invitation, member = _claim(token)
    _note(invitation, InvitationAnswer.NEVER)
    suppression.suppress(email=member.email, reason=SuppressionReason.OBJECTED)
    forgetting.forget(member=member)


@transaction.atomic
def renew(*, token: str) -> None:
    """An invitation is one mail, ever: who asks for a new link signs up, and gets the mail of a sign-up."""
    invitation = Invitation.objects.select_related("member").filter(token_sha256=sha256(token), answer="").first()
    if invitation is None or invitation.member is None or invitation.expires_at > timezone.now():
        return
    member = invitation.member
    kind = "freelancer" if member.is_freelancer and not member.is_alumnus else "alumnus"
    payload = {name: getattr(member, name) for name in ("given_name", "infix", "family_name", "language")}
    sign_up.request(email=member.email, payload=payload | {"kind": kind})
