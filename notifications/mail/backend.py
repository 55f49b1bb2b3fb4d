"""Django's EMAIL_BACKEND: the door. It does not send; it writes an outbox row in the caller's transaction.

So a mail leaves if, and only if, what it is about was committed. `outbox.py` hands the rows over.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from alumni.accounts.models import Organisation
from alumni.accounts.organisation import the_organisation
from alumni.accounts.service_mail import ALL_KINDS, INVITATION, ServiceMessage
from alumni.accounts.uid import uuid7
from backend.http.errors import Conflict
from notifications.mail import layout
from notifications.mail.message import address_domain, build, envelope_address, message_id, why_nothing_may_leave
from notifications.mail.models import ServiceMail
from notifications.mail.tasks import deliver

# Kinds that a person of HR sets going: they are told at once that mail cannot leave, and can mend it. For all others
# the row is written and withheld by the worker, or the answer would tell who is known here.
TOLD_AT_ONCE = frozenset({INVITATION, "test_send", "response_answer"})


class RefusedMessage(ValueError):
    """A message that may not leave by this door. It is a mistake in the program, not of the user."""


class OutboxBackend(BaseEmailBackend):
    """One row per message. Refuses a message without a kind of the closed list, or with more than one recipient."""

    def __init__(self, **_options: Any) -> None:
        # `fail_silently` is not honoured: a mail that is lost in silence breaks a promise.
        super().__init__(fail_silently=False)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the rows; returns how many. One whose `dedupe_key` is there already is dropped."""
        organisation = the_organisation()
        rows = [_row(_accepted(message, organisation), organisation) for message in email_messages]
        for row in rows:
            # Not get_or_create: on PostgreSQL a broken unique constraint would spoil the caller's transaction.
            ServiceMail.objects.bulk_create([row], ignore_conflicts=True)
        if rows:
            deliver.delay_on_commit()
        return len(rows)


def _accepted(message: EmailMessage, organisation: Organisation) -> ServiceMessage:
    if not isinstance(message, ServiceMessage) or message.kind not in ALL_KINDS:
        raise RefusedMessage("A message needs a kind of the closed list in alumni.accounts.service_mail.")
    if len(message.to) != 1 or message.cc or message.bcc:
        raise RefusedMessage("A service mail goes to one person.")
    if message.alternatives or message.extra_headers:
        raise RefusedMessage("The mail room writes the HTML part and the headers.")
    if message.kind in TOLD_AT_ONCE and (problem := why_nothing_may_leave(organisation)):
        raise Conflict(problem, code="company_incomplete")
    return message


def _row(message: ServiceMessage, organisation: Organisation) -> ServiceMail:
    """The message as it will be sent, in the active language."""
    uid = uuid7()
    identifier = message_id(message.kind, uid, address_domain(organisation))
    recipient = envelope_address(message.to[0])
    parts: dict[str, Any] = {"text": message.body, "button": message.button, "organisation": organisation}
    message.to = [recipient]
    message.attach_alternative(layout.html_part(subject=str(message.subject), **parts), "text/html")
    message.body = layout.text_part(**parts)
    return ServiceMail(
        kind=message.kind,
        member_id=message.member_id,
        user_id=message.user_id,
        to=recipient,
        body=build(message, headers={"Message-ID": identifier, "Content-Language": get_language() or "nl"}),
        dedupe_key=message.dedupe_key or uid.hex,
        message_id=identifier,
    )
