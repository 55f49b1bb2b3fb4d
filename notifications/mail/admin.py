"""Service mails in the back office: which kind, where it stands; never to whom or what it said."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from alumni.accounts.office import OfficeAdmin
from alumni.accounts.service_mail import NONE
from alumni.templatetags.office import tag
from notifications.mail.models import MailState, ServiceMail

KINDS = {MailState.HANDED_OVER: "on", MailState.FAILED: "bad", MailState.BOUNCED: "bad", MailState.UNCONFIRMED: "warn"}


@admin.register(ServiceMail)
class ServiceMailAdmin(OfficeAdmin):
    """The outbox without addresses and bodies."""

    read_scope = "digests:read"
    list_display = ("kind", "status", "created_at", "settled_at", "attempts", "answer")
    list_display_links = None
    list_filter = ("state", "kind")
    ordering = ("-id",)
    empty_text = _("Confirmations, codes and receipts appear here.")

    @admin.display(description=_("state"), ordering="state")
    def status(self, mail: ServiceMail) -> SafeString:
        return tag(mail.get_state_display(), KINDS.get(MailState(mail.state), ""))

    @admin.display(description=_("answer of the mail server"))
    def answer(self, mail: ServiceMail) -> str:
        return mail.reply[:120]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceMail]:
        return super().get_queryset(request).exclude(kind=NONE).defer("to", "body")
