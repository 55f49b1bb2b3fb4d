"""The act by which a person (or staff, or the system) changed a consent: how, where, in what words."""

import datetime as dt
import hashlib
import ipaddress
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import translation


class Method(models.TextChoices):
    """How somebody said it."""

    DOUBLE_OPT_IN = "checkbox_then_email_confirmation"
    PREFERENCE_PAGE = "preference_page"
    ONE_CLICK = "rfc8058_one_click"
    MAILTO = "mailto"
    PAPER = "paper_scan"
    PHONE = "phone_note"
    IMPORT = "import"
    COMPLAINT = "complaint"
    EXPIRY = "expiry"
    NOTICE_CHANGE = "notice_change"


class Channel(models.TextChoices):
    """Where the act took place."""

    WEB = "web"
    EMAIL = "email"
    PAPER = "paper"
    PHONE = "phone"
    API = "api"
    SYSTEM = "system"


# Consent needs a clear act by the person: by these it is only ever ended.
NEVER_GIVES = frozenset({Method.ONE_CLICK, Method.IMPORT, Method.COMPLAINT, Method.EXPIRY, Method.NOTICE_CHANGE})
ONE_CLICK_WORDS = "List-Unsubscribe=One-Click"


@dataclass(frozen=True)
class Act:
    """One act. `form_version` names the form and its number (`join-confirm/7`), `locale` is what was shown (BCP 47).

    `ip` and `user_agent` come in whole and are kept cut down; of a one-click POST nothing is kept, since it comes from
    the mailbox provider. `staff_uid` and `note` are for what staff enters on behalf of a person.
    """

    method: str
    channel: str
    form_version: str
    locale: str
    actor: str = "principal"
    doi_sent_at: dt.datetime | None = None
    doi_confirmed_at: dt.datetime | None = None
    session_ref: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    staff_uid: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        Method(self.method)
        Channel(self.channel)
        if self.actor not in {"principal", "staff", "system"}:
            raise ValueError(f"No actor {self.actor}")
        if self.method == Method.DOUBLE_OPT_IN and not (self.doi_sent_at and self.doi_confirmed_at):
            raise ValueError("A double opt-in needs the times of sending and confirming")

    @property
    def language(self) -> str:
        """The language of the locale: nl-NL -> nl."""
        return self.locale.split("-")[0]

    @property
    def is_by_choice(self) -> bool:
        """Whether somebody asked for it; not so for complaints, expiry and new notices."""
        return self.method not in {Method.COMPLAINT, Method.EXPIRY, Method.NOTICE_CHANGE}

    def person(self, salt: str) -> dict[str, object]:
        """The erasable `person` part of the event."""
        anonymous = self.method == Method.ONE_CLICK
        return {
            "salt": salt,
            "session_ref": None if anonymous else self.session_ref,
            "ip_truncated": None if anonymous else truncated(self.ip),
            "user_agent_family": None if anonymous else browser_family(self.user_agent),
            "staff_id": self.staff_uid,
            "on_behalf_note": self.note,
            "evidence_refs": [],
        }


def of_request(
    request: HttpRequest, *, method: str, channel: str, form_version: str, language: str | None = None
) -> Act:
    """The act behind a request of the person: the language on the screen, the browser, a reference to the session."""
    session = getattr(getattr(request, "session", None), "session_key", None)
    key = getattr(getattr(request, "auth", None), "key", None) or session
    return Act(
        method=method,
        channel=channel,
        form_version=form_version,
        locale=language or translation.get_language() or settings.LANGUAGE_CODE,
        session_ref="sess:" + hashlib.sha256(key.encode()).hexdigest()[:12] if key else None,
        ip=client_address(request),
        user_agent=request.META.get("HTTP_USER_AGENT"),
    )


def client_address(request: HttpRequest) -> str | None:
    """Where a request came from: counted from the right of X-Forwarded-For, past as many proxies as are ours."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR")
    if settings.TRUSTED_PROXIES and forwarded:
        hops = forwarded.split(",")
        return hops[-min(settings.TRUSTED_PROXIES, len(hops))].strip()
    return request.META.get("REMOTE_ADDR")


def truncated(ip: str | None) -> str | None:
    """The network of an address: /24 of IPv4, /48 of IPv6; None for none, or for what is no address."""
    if not ip:
        return None
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


# In this order: most browsers name the older ones too.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari"),
)


def browser_family(user_agent: str | None) -> str | None:
    """'Firefox 145' and nothing that would tell one person from another; 'other' for unknown programs."""
    if not user_agent:
        return None
    for name, pattern in _BROWSERS:
        if match := re.search(pattern, user_agent):
            return f"{name} {match[1][:4]}"
    return "other"
