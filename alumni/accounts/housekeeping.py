"""What the room of accounts throws away."""

import datetime as dt

from allauth.idp.oidc.models import Token
from django.db.models import Q

from alumni.accounts.idempotency import KEPT_FOR
from alumni.accounts.models import IdempotentReply
from alumni.accounts.sessions import SessionStore

# A token with a name stays in the list for a while after its end, to see why a program stopped.
NAMED_TOKENS_KEPT = dt.timedelta(days=90)


def purge(*, at: dt.datetime) -> None:
    """Delete answers kept for Idempotency-Key, sessions and tokens that can no longer be used."""
    IdempotentReply.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    SessionStore.clear_expired()
    Token.objects.filter(Q(api_token=None, expires_at__lt=at) | Q(expires_at__lt=at - NAMED_TOKENS_KEPT)).delete()
