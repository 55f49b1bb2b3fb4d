"""From a request in a mailbox to a member: the double opt-in."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alumni.accounts.models import User
from alumni.consent import ledger, suppression
from alumni.consent.models import OFFERED_PURPOSES, ConsentEvent
from alumni.joining.signals import member_joined
from alumni.members.models import Member
from backend.http.errors import InvalidInput

# Which form was on the screen; rises when the opt-in page changes what it asks or how.
FORM_VERSION = "opt-in-1"
METHOD = "checkbox_then_email_confirmation"


def _confirmed_now(member: Member) -> ledger.Act:
    now = timezone.now()
    return ledger.Act(
        method=METHOD,
        channel="web",
        form_version=FORM_VERSION,
        locale=member.language,
        doi_sent_at=now,
        doi_confirmed_at=now,
    )


def _user_of(member: Member) -> User:
    email = member.email.strip().lower()
    user = User.objects.filter(email=email).first()
    return user or User.objects.create_user(email, name=member.full_name)


def _refuse_unasked(consents: dict[str, bool]) -> None:
    asked = [str(purpose) for purpose in OFFERED_PURPOSES]
    if unasked := sorted(set(consents) - set(asked)):
        message = _("Name the purposes one by one. Asked are: %s.") % ", ".join(asked)
        errors = [(f"consents.{purpose}", "unknown_purpose", message) for purpose in unasked]
        raise InvalidInput(message, code="unknown_purpose", errors=errors)


@transaction.atomic
def enrol(*, member: Member, consents: dict[str, bool], act: ledger.Act | None = None) -> list[ConsentEvent]:
    """Make somebody whose mailbox is proven a member, with an answer to every purpose that is asked.

    `consents` maps purposes to the answer; a purpose that is left out is refused, as an unticked box is. `act` says how
    and when they answered; without one it is taken to have been now, on the opt-in page. Lifts a suppression that the
    person's own opt-in may lift. Announces `member_joined`. Enrolling a member again changes answers only. Returns the
    events that the answers made. Raises InvalidInput for a purpose that is not asked: nobody consents to everything.
    """
    _refuse_unasked(consents)
    member = Member.objects.select_for_update().get(pk=member.pk)
    now = timezone.now()
    if member.joined_at is None or member.left_at is not None:
        member.joined_at, member.left_at = now, None
    member.user = member.user or _user_of(member)
    member.undeliverable_at = None  # they have just answered from that mailbox
    member.version += 1
    member.save()
    choices = {str(purpose): consents.get(purpose, False) for purpose in OFFERED_PURPOSES}
    events = ledger.choose(member=member, choices=choices, act=act or _confirmed_now(member))
    seq = events[-1].seq if events else ledger.head().seq
    suppression.lift(email=member.email, seq=seq)
    member_joined.send(sender=Member, member_id=member.pk)
    return events
