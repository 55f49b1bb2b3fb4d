"""The mail with a login code. An unknown address costs the same queries and the same row, which leaves nothing."""

import secrets

from django.utils import translation
from django.utils.translation import gettext as _

from alumni.accounts import service_mail
from alumni.accounts.models import User
from alumni.accounts.organisation import the_organisation


def _find(email: str) -> User | None:
    return User.objects.select_related("member").filter(email=email.strip().lower(), is_active=True).first()


def _language(user: User | None) -> str:
    member = getattr(user, "member", None)
    return getattr(member, "language", None) or translation.get_language() or "nl"


def _made_up() -> str:
    return secrets.token_hex(2).upper()


def _queue(*, kind: str, email: str, user: User | None, code: str, minutes: int) -> None:
    organisation = the_organisation()
    with translation.override(_language(user)):
        subject = _("%(code)s is your code for %(network)s") % {"code": code, "network": organisation.network_name}
        text = _(
            "Your code is %(code)s. It works for %(minutes)d minutes, once. If you did not ask for it, you need do "
            "nothing: nobody gets in without it."
        ) % {"code": code, "minutes": minutes}
    member = getattr(user, "member", None)
    service_mail.queue(
        kind=kind,
        to=email,
        subject=subject,
        text=text,
        user=user,
        member_id=member.pk if member else None,
        dedupe_key=f"login_code:{secrets.token_hex(16)}",
    )


def send(*, email: str, code: str, minutes: int) -> None:
    """Queue a code for somebody we know, in their language, to the address that we know (not to how it was typed)."""
    user = _find(email)
    if user is None:
        return _queue(kind=service_mail.NONE, email=email, user=None, code=code, minutes=minutes)
    kind = "staff_login_code" if user.is_staff else "login_code"
    return _queue(kind=kind, email=user.email, user=user, code=code, minutes=minutes)


def send_to_nobody(*, email: str, minutes: int) -> None:
    """Do all that `send` does for an address that we do not know; the worker discards the row."""
    _find(email)
    _queue(kind=service_mail.NONE, email=email, user=None, code=f"{_made_up()}-{_made_up()}", minutes=minutes)
