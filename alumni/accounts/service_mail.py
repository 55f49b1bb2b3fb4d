"""Service mails: the closed list of what may leave without consent, and the one way to queue one.

`queue` goes through Django's e-mail API; the backend behind it (notifications.mail.backend) writes an outbox row in the
caller's transaction and refuses a message without a kind of this list.
"""

from collections.abc import Sequence
from email.utils import quote
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from alumni.accounts.models import Organisation, User
from alumni.accounts.organisation import the_organisation

# Widening any of these three is a decision to be seen in a diff.
SERVICE_KINDS = frozenset(
    {
        "opt_in",
        "already_member",
        "login_code",
        "address_change",
        "security_notice",
        "receipt",
        "withdrawal_ack",
        "renewal_reminder",
        "notice_change",
        "privacy_answer",
        "export_ready",
        "breach_notice",
        "response_answer",
    }
)
STAFF_KINDS = frozenset({"review_requested", "run_report", "test_send", "staff_login_code"})
INVITATION = "invitation"
# What an unknown address costs: the same row, which the worker discards, so that time tells nothing.
NONE = "none"
ALL_KINDS = SERVICE_KINDS | STAFF_KINDS | {INVITATION, NONE}


class ServiceMessage(EmailMultiAlternatives):
    """An e-mail that knows its kind and for whom it is. `dedupe_key`: a second message with the same key is dropped.

    `button` is (label, URL). The body is plain text; the mail room adds the HTML part and the footer.
    """

    def __init__(
        self,
        *args: Any,
        kind: str,
        member_id: int | None = None,
        user_id: int | None = None,
        dedupe_key: str | None = None,
        button: tuple[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.member_id = member_id
        self.user_id = user_id
        self.dedupe_key = dedupe_key
        self.button = button


def sender(organisation: Organisation) -> str:
    """`Marieke de Boer van Maasveld <netwerk@maasveld.example>`: a person, never noreply.

    Where the company's row is not filled in yet only staff mail leaves, from DEFAULT_FROM_EMAIL.
    """
    name = organisation.name
    if organisation.sender_name:
        name = _("%(person)s of %(company)s") % {"person": organisation.sender_name, "company": organisation.name}
    # Quoted, not yet encoded: Django folds a long name into encoded words, `formataddr` makes one that is too long.
    return f'"{quote(name)}" <{organisation.from_email or settings.DEFAULT_FROM_EMAIL}>'


def queue(
    *,
    kind: str,
    to: str,
    subject: str,
    text: str,
    button: tuple[str, str] | None = None,
    member_id: int | None = None,
    user: User | None = None,
    dedupe_key: str | None = None,
    attachments: Sequence[tuple[str, str | bytes, str]] = (),
) -> None:
    """Write a service mail into the outbox, in the caller's transaction. A worker hands it over after the commit.

    `text` is plain: paragraphs parted by an empty line. `button` is (label, URL); it stands where the text has that URL
    as a paragraph of its own, else below the text. The footer with the company's name and address is added, in the
    active language, so wrap the call in `translation.override(member.language)`. `dedupe_key` holds no address.
    `attachments` are (filename, content, MIME type).
    """
    organisation = the_organisation()
    message = ServiceMessage(
        subject=subject,
        body=text,
        from_email=sender(organisation),
        to=[to],
        reply_to=[organisation.reply_to] if organisation.reply_to else None,
        kind=kind,
        member_id=member_id,
        user_id=user.pk if user else None,
        dedupe_key=dedupe_key,
        button=button,
    )
    for filename, content, mimetype in attachments:
        message.attach(filename, content, mimetype)
    message.send()
