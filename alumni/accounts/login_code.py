"""The mail with a login code. An unknown address costs the same queries and the same row, which leaves nothing."""

import secrets

from django.utils import translation
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation

NOBODY = "nobody@kring.invalid"


def _find(email: str) -> User | None:
    return User.objects.select_related("member").filter(email=email.strip().lower(), is_active=True).first()


def _language(user: User | None) -> str:
    member = getattr(user, "member", None)
    return getattr(member, "language", None) or translation.get_language() or "nl"


def _made_up() -> str:
    return secrets.token_hex(2).upper()


def _queue(*, kind: str, email: str, user: User | None, code: str, minutes: int) -> None:
    member = getattr(user, "member", None)
    with translation.override(_language(user)):
        subject = _("%(code)s is your code for %(network)s")
        text = _(
            "Your code is %(code)s. It works for %(minutes)d minutes, once. If you did not ask for it, you need do "
            "nothing: nobody gets in without it."
        )
        service_mail.queue(
            kind=kind,
            to=email,
            subject=subject % {"code": code, "network": the_organisation().network_name},
            text=text % {"code": code, "minutes": minutes},
            user=user,
            member_id=member.pk if member else None,
        )


def _queue_for_nobody(minutes: int) -> None:
    # The row is never handed over, so the address of a stranger has no place in it.
    _queue(kind=service_mail.NONE, email=NOBODY, user=None, code=f"{_made_up()}-{_made_up()}", minutes=minutes)


def look_up_nobody() -> None:
    """The query that allauth makes when it reads a pending login of somebody we know."""
    User.objects.filter(pk=0).first()


def send(*, email: str, code: str, minutes: int) -> None:
    """Queue a code for somebody we know, in their language, to the address that we know (not to how it was typed)."""
    user = _find(email)
    if user is None:
        return _queue_for_nobody(minutes)
    kind = "staff_login_code" if user.is_staff else "login_code"
    return _queue(kind=kind, email=user.email, user=user, code=code, minutes=minutes)


def send_to_nobody(*, email: str, minutes: int) -> None:
    """Do all that `send` does for an address that we do not know; the worker discards the row."""
    _find(email)
    _queue_for_nobody(minutes)
