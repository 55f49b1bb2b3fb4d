"""What is refused at the start: settings with which mail would go astray."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

# Where the mailbox of the demo listens: on this machine, or as a service of that name in compose.
MAILBOX_HOSTS = frozenset({"127.0.0.1", "localhost", "::1", "mailbox"})


@register
def mail_settings(**_kwargs: Any) -> list[CheckMessage]:
    """The mailbox shows every mail, login codes too, to whoever asks: never beside a real mail server."""
    found: list[CheckMessage] = []
    if settings.MAILBOX and settings.SMTP_HOST not in MAILBOX_HOSTS:
        found.append(
            Error(
                f"MAILBOX is on, but mail goes to {settings.SMTP_HOST}.",
                hint="The pages under /mailbox/ show every kept mail to anybody. Unset MAILBOX, or SMTP_HOST.",
                id="mail.E001",
            )
        )
    if settings.SMTP_TLS not in {"none", "starttls", "tls"}:
        found.append(Error(f"SMTP_TLS is {settings.SMTP_TLS}.", hint="Choose none, starttls or tls.", id="mail.E002"))
    if settings.EMAIL_BACKEND != "notifications.mail.backend.OutboxBackend":
        found.append(
            Error(
                "EMAIL_BACKEND is not ours: mail would leave without a kind, a row and a retry.",
                hint="Leave EMAIL_BACKEND alone; SMTP_HOST and the like say where mail goes.",
                id="mail.E003",
            )
        )
    return found
