"""Somebody signs up: an answer that tells nothing, a mail to the mailbox, and what its link does.

The same queries run and the same rows are written for an address that is known, unknown or suppressed: what differs is
only what the mail says, and that one goes to its owner alone. Nothing enters the ledger before the mailbox is proven.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.addresses import checked, email_key
from alumni.accounts.organisation import the_organisation
from alumni.accounts.secret_tokens import new_token, sha256
from alumni.consent import ledger, suppression
from alumni.consent.acts import Act
from alumni.consent.receipts import send_receipt
from alumni.joining.models import OptIn
from alumni.joining.opt_in import enrol
from alumni.members.models import Member
from alumni.members.names import clean_name
from backend.http.errors import Gone, NotFound

TERM = dt.timedelta(days=7)
# What the person told; nothing else is kept of a sign-up.
FIELDS = ("given_name", "infix", "family_name", "kind", "language")


@transaction.atomic
def request(*, email: str, payload: dict[str, Any]) -> None:
    """Queue the mail that fits the address: confirm here, or you are a member already, or none at all.

    `payload` has the FIELDS. At most one mail and one repeat per address and week. Never tells which it was. Raises
    InvalidInput for an address that mail cannot be sent to, and for a name that is none: it stands in a mail to
    somebody who perhaps did not ask.
    """
    for name in ("given_name", "infix", "family_name"):
        clean_name(payload.get(name, ""), max_length=150, field=name)
    email, now = checked(email), timezone.now()
    is_member = Member.objects.joined().filter(email_key=email_key(email)).exists()
    is_blocked = suppression.blocks_opt_in(email)
    waiting = OptIn.objects.filter(email_key=email_key(email), confirmed_at=None, expires_at__gt=now)
    row = waiting.select_for_update().order_by("-pk").first()
    token, digest = new_token()
    kind = "already_member" if is_member else "opt_in"
    if row is None:
        row = OptIn(email=email, email_key=email_key(email), payload={}, sent_at=now)
    elif row.resent:
        kind = service_mail.NONE
    else:
        row.resent = True
    if is_blocked:
        kind = service_mail.NONE
    if kind != service_mail.NONE or row.pk is None:
        row.token_sha256, row.expires_at = digest, now + TERM
        row.payload = {name: payload.get(name, "") for name in FIELDS}
    row.save()
    _mail(row, kind=kind, token=token, at=now)


def _mail(row: OptIn, *, kind: str, token: str, at: dt.datetime) -> None:
    with translation.override(row.payload["language"]):
        network = the_organisation().network_name
        if kind == "already_member":
            subject = _("You are a member of %(network)s already") % {"network": network}
            text = _already(network)
            button = (_("To my preferences"), settings.BASE_URL + reverse("preferences"))
        else:
            subject = _("Confirm that you want to join %(network)s") % {"network": network}
            text = _confirm(row, at)
            button = (_("Choose and confirm"), settings.BASE_URL + reverse("opt_in", args=[token]))
        service_mail.queue(kind=kind, to=row.email, subject=subject, text=text, button=button)


def _already(network: str) -> str:
    told = _("You asked to join %(network)s, but you are a member already. Your choices are behind the button.")
    return told % {"network": network} + "\n\n" + _("Did you not ask for this? Then you need do nothing.")


def _confirm(row: OptIn, at: dt.datetime) -> str:
    values = {
        "first_name": row.payload["given_name"],
        "date": format_date(timezone.localtime(at), "j F Y"),
        "until": format_date(timezone.localtime(row.expires_at), "j F Y"),
    }
    return "\n\n".join(
        [
            _("Hello %(first_name)s,") % values,
            _(
                "On %(date)s you asked to join. Choose on the page what we may e-mail you about. Only then do we send "
                "you anything."
            )
            % values,
            _("Did you not ask for this? Then do nothing. The request disappears on %(until)s.") % values,
        ]
    )


def find(token: str) -> OptIn:
    """The sign-up behind a link. Raises NotFound for what never was a token, Gone (`used`, `expired`) for what was."""
    row = OptIn.objects.filter(token_sha256=sha256(token)).first()
    if row is None:
        raise NotFound(_("This link does not work. Sign up again and you get a new one."), code="unknown_link")
    if row.confirmed_at is not None:
        raise Gone(_("This link has been used. Your choices are in your preferences."), code="used")
    if row.expires_at <= timezone.now():
        day = format_date(timezone.localtime(row.expires_at), "j F Y")
        message = _("This link worked until %(date)s. Ask for a new one and we send it to the same address.")
        raise Gone(message % {"date": day}, code="expired")
    return row


@transaction.atomic
def confirm(*, token: str, consents: dict[str, bool], act: Act) -> Member:
    """Make the person a member with these answers, and mail them the receipt. `act` comes without the opt-in's times.

    Raises as `find` does; of two presses at once the second finds the link used.
    """
    OptIn.objects.select_for_update().filter(token_sha256=sha256(token)).first()
    row = find(token)
    member = _member_of(row)
    events = enrol(member=member, consents=consents, act=with_times(act, sent_at=row.sent_at))
    member.refresh_from_db()
    send_receipt(member=member, events=events)
    row.confirmed_at, row.email, row.email_key, row.payload = timezone.now(), "", "", {}
    row.save()
    return member


def with_times(act: Act, *, sent_at: dt.datetime) -> Act:
    """The act with the times of the double opt-in: when we mailed the link, and now."""
    now = timezone.now()
    values = {name: getattr(act, name) for name in ("channel", "form_version", "locale", "session_ref", "ip")}
    return ledger.Act(
        method="checkbox_then_email_confirmation",
        doi_sent_at=sent_at,
        doi_confirmed_at=now,
        user_agent=act.user_agent,
        **values,
    )


def _member_of(row: OptIn) -> Member:
    """Who was imported is taken over under the names that they gave themselves."""
    member = Member.objects.select_for_update().filter(email_key=row.email_key).first() or Member(
        email=row.email, country=the_organisation().country, source="sign_up"
    )
    for name in ("given_name", "infix", "family_name", "language"):
        setattr(member, name, row.payload[name])
    member.is_alumnus = member.is_alumnus or row.payload["kind"] == "alumnus"
    member.is_freelancer = member.is_freelancer or row.payload["kind"] == "freelancer"
    member.save()
    return member


@transaction.atomic
def not_me(*, token: str) -> None:
    """The owner of the mailbox did not ask for this: the request is erased. A repeat does nothing."""
    OptIn.objects.filter(token_sha256=sha256(token), confirmed_at=None).delete()


@transaction.atomic
def renew(*, token: str) -> None:
    """A link that has expired: mail a new one to the same address, if its request is still there."""
    row = OptIn.objects.select_for_update().filter(token_sha256=sha256(token), confirmed_at=None).first()
    if row is not None and row.expires_at <= timezone.now():
        request(email=row.email, payload=row.payload)


def purge(*, at: dt.datetime) -> int:
    """Erase the sign-ups whose term has passed, confirmed or not; returns how many."""
    return OptIn.objects.filter(expires_at__lte=at).delete()[0]
