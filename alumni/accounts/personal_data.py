"""What accounts hold on a person. `member` comes from a higher room; of it the user, address and uid are used."""

import json
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.idp.oidc.models import Client, Token
from django.db.models import Model, Q

from alumni.accounts.models import ApiToken, IdempotentReply, Session, User
from alumni.accounts.sessions import SessionStore

MODELS: dict[type[Model], str] = {
    User: "deleted; who also works for HR keeps the account of their work",
    Session: "deleted, also those of a login that was begun",
    EmailAddress: "deleted with the user",
    EmailConfirmation: "deleted with the user",
    Token: "deleted with the user",
    Client: "a program's, made by hand and owned by nobody",
    ApiToken: "deleted with the user",
    IdempotentReply: "deleted where the answer names the person, or was given to them",
}


def export(member: Any) -> dict[str, Any]:
    """The login, without secrets."""
    user = User.objects.filter(pk=member.user_id).first()
    if user is None:
        return {}
    tokens = ApiToken.objects.filter(user=user).order_by("pk")
    return {
        "login": {"email": user.email, "name": user.name, "since": user.date_joined.isoformat()},
        "last_login": user.last_login.isoformat() if user.last_login else None,
        "sessions_until": [session.expire_date.isoformat() for session in Session.objects.filter(user=user)],
        "tokens": [{"name": token.name, "last_used_on": str(token.last_used_on or "")} for token in tokens],
    }


def erase(member: Any) -> None:
    """Delete the user with all that hangs on it, begun logins, and answers that were kept for repeats."""
    _forget_begun_logins(member.email)
    names_them = Q(body__contains=str(member.uid)) | Q(body__icontains=member.email)
    names_them |= Q(body__contains=member.given_name) & Q(body__contains=member.family_name)
    IdempotentReply.objects.filter(names_them | Q(caller=f"user:{member.user_id}")).delete()
    User.objects.filter(pk=member.user_id, is_staff=False).delete()


def _forget_begun_logins(email: str) -> None:
    """Sessions of nobody yet hold the address that a code was sent to; they live for hours, so there are few."""
    store = SessionStore()
    for session in Session.objects.filter(user=None).iterator():
        if email.lower() in json.dumps(store.decode(session.session_data), default=str, ensure_ascii=False).lower():
            session.delete()
