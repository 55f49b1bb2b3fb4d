"""The one message a person may get before opting in: set going by a named person of HR, with the reason.

Who may be invited follows the country's rule. Belgium: once. The Netherlands, and any other: only who said yes at
their exit, unless the company decided otherwise (Organisation.allow_post_exit_invite). The keyed hash of the address
stays when the person goes, so that there is never a second one.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.addresses import keyed_hash, keyed_hashes
from alumni.accounts.models import Organisation, User
from alumni.accounts.organisation import the_organisation
from alumni.accounts.secret_tokens import new_token
from alumni.consent import gate
from alumni.joining.imports import DEFAULT_SOURCE
from alumni.joining.models import Invitation
from alumni.members.models import Employment, Member, PermissionRemark
from alumni.members.names import clean_line
from backend.http.errors import Conflict, InvalidInput

TERM = dt.timedelta(days=30)
AT_MOST = 50
# Where one neutral mail after the exit is allowed without an earlier yes.
ONCE_WITHOUT_A_YES = frozenset({"BE"})


@dataclass
class Selection:
    """What became of a ticked selection: who is invited, and who is not with the reason in words."""

    invited: list[Invitation] = field(default_factory=list)
    refused: list[tuple[Member, str]] = field(default_factory=list)


def _not_invitable() -> Conflict:
    # One answer for joined, invited before, suppressed and a no: it does not say which.
    return Conflict(_("This person cannot be invited. They can sign up themselves."), code="not_invitable")


def _may_without_a_yes(organisation: Organisation) -> Q:
    if organisation.allow_post_exit_invite:
        return Q()
    return Q(permission_remark=PermissionRemark.YES) | Q(country__in=ONCE_WITHOUT_A_YES)


def invitable(members: QuerySet[Member]) -> QuerySet[Member]:
    """Those whom HR may still invite by the company's rule. Suppressions are asked at the invitation itself: they are
    kept as keyed hashes, which no query over members can see."""
    before = Invitation.objects.filter(member=OuterRef("pk"))
    open_to_it = Q(joined_at=None, left_at=None, undeliverable_at=None) & ~Q(permission_remark=PermissionRemark.NO)
    return members.filter(open_to_it & _may_without_a_yes(the_organisation())).exclude(Exists(before))


def _check(member: Member, organisation: Organisation, at: dt.datetime) -> None:
    hashes = [email_hmac for email_hmac, _key_id in keyed_hashes(member.email)]
    is_closed = member.joined_at or member.left_at or member.permission_remark == PermissionRemark.NO
    # By the person too: an import may have changed the address since.
    if is_closed or Invitation.objects.filter(Q(email_hmac__in=hashes) | Q(member=member)).exists():
        raise _not_invitable()
    if not gate.may_send(member=member, kind=service_mail.INVITATION, at=at).allowed:
        raise _not_invitable()
    said_yes = member.permission_remark == PermissionRemark.YES
    if not (said_yes or organisation.allow_post_exit_invite or member.country in ONCE_WITHOUT_A_YES):
        message = _("In this country only who said yes at their exit may be invited. They can sign up themselves.")
        raise Conflict(message, code="no_permission_at_exit")


@transaction.atomic
def invite(*, member: Member, by: User, reason: str) -> Invitation:
    """Queue the invitation, once in a person's life.

    Raises InvalidInput without a reason, Conflict (`not_invitable`, `no_permission_at_exit`, `company_incomplete`).
    """
    reason = clean_line(reason, max_length=500, field="reason")
    if not reason:
        raise InvalidInput(_("Say why you invite this person."), code="required", field="reason")
    member = Member.objects.select_for_update().get(pk=member.pk)
    organisation, now = the_organisation(), timezone.now()
    _check(member, organisation, now)
    token, digest = new_token()
    email_hmac, key_id = keyed_hash(member.email)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email_hmac=email_hmac,
                key_id=key_id,
                member=member,
                invited_by=by,
                reason=reason,
                token_sha256=digest,
                sent_at=now,
                expires_at=now + TERM,
            )
    except IntegrityError as error:  # somebody else invited them in this very moment
        raise _not_invitable() from error
    _mail(invitation, member, by, organisation, token)
    return invitation


def invite_selection(*, members: Iterable[Member], by: User, reason: str) -> Selection:
    """Invite a ticked selection of at most 50 who said yes at their exit; one that cannot be does not stop the rest.

    Raises InvalidInput for more than 50, or without a reason; then nobody is invited.
    """
    chosen = list(members)
    if len(chosen) > AT_MOST:
        message = _("Tick at most %(most)d people at once; these are %(n)d.") % {"most": AT_MOST, "n": len(chosen)}
        raise InvalidInput(message, code="too_many", field="members")
    if not reason.strip():
        raise InvalidInput(_("Say why you invite these people."), code="required", field="reason")
    selection = Selection()
    for member in chosen:
        if member.permission_remark != PermissionRemark.YES:
            told = _("Did not say yes at the exit. Invite such people one by one.")
            selection.refused.append((member, told))
            continue
        try:
            selection.invited.append(invite(member=member, by=by, reason=reason))
        except Conflict as error:
            selection.refused.append((member, error.message))
    return selection


def _mail(invitation: Invitation, member: Member, by: User, organisation: Organisation, token: str) -> None:
    with translation.override(member.language):
        service_mail.queue(
            kind=service_mail.INVITATION,
            to=member.email,
            subject=_("May we stay in touch, %(first_name)s?") % {"first_name": member.given_name},
            text=_text(invitation, member, by, organisation),
            button=(_("See and choose"), settings.BASE_URL + reverse("invited", args=[token])),
            member_id=member.pk,
            dedupe_key=f"invitation:{invitation.uid}",
        )


def _text(invitation: Invitation, member: Member, by: User, organisation: Organisation) -> str:
    """Neutral: no news, no vacancy. With what a first message must say of where the address came from (GDPR 14)."""
    last = Employment.objects.filter(member=member, ended_on__isnull=False).order_by("-ended_on").first()
    values = {
        "first_name": member.given_name,
        "company": organisation.name,
        "month": format_date(last.ended_on, "F Y") if last and last.ended_on else "",
        "source": _("our personnel records") if member.source in {"", DEFAULT_SOURCE} else member.source,
        "date": format_date(timezone.localtime(invitation.expires_at), "j F Y"),
        "privacy": organisation.privacy_email,
        "sender": by.get_full_name(),
    }
    worked = _("you worked with us until %(month)s.") if last else _("you worked with us.")
    return "\n\n".join(
        part % values
        for part in (
            _("Hello %(first_name)s,"),
            worked[:1].upper() + worked[1:],
            _(
                "We keep a network of former colleagues and freelancers. If you want to be part of it, you choose what "
                "we may e-mail you about."
            ),
            _("Rather not? Then do nothing. Or say on the page that you want no contact: then we never ask again."),
            _(
                "We have your address from %(source)s. We use it for this one question only. Without an answer we "
                "erase it on %(date)s. %(company)s is responsible for your data; you can see, correct or erase them, "
                "or object: %(privacy)s."
            ),
            _("This is the only e-mail we send you about this. Questions? Just reply."),
            "%(sender)s",
        )
    )
