"""What is wrong with the settings, said before anything starts. Rooms have their own `checks.py`."""

import stat
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Advice
from django.http.request import validate_host
from rest_framework.throttling import SimpleRateThrottle


@register(Tags.security)
def keys_are_private(**_kwargs: Any) -> list[CheckMessage]:
    """Who reads the keys can forge sessions, links and heads of the ledger."""
    folder = settings.KEYS_DIR
    paths = [folder, *folder.iterdir()] if folder.is_dir() else []
    open_paths = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return [
        Error(
            f"{path} can be read by others than its owner.",
            hint=f"chmod {700 if path.is_dir() else 600} {path}, and think about making new keys.",
            id="kring.E001",
        )
        for path in open_paths
    ]


@register(Tags.security)
def nothing_of_development_in_public(**_kwargs: Any) -> list[CheckMessage]:
    """An https address means that others can reach this."""
    if not settings.BEHIND_TLS:
        return []
    hint = "Switch it off, or use an http:// address on your own machine."
    return [
        Error(f"{name} is on, but BASE_URL is {settings.BASE_URL}.", hint=hint, id=identifier)
        # The mailbox shows every login code to whoever asks, also where the mail server is on this machine.
        for name, identifier in (("DEBUG", "kring.E002"), ("DEMO", "kring.E003"), ("MAILBOX", "kring.E008"))
        if getattr(settings, name)
    ]


@register(Tags.urls)
def addresses_fit(**_kwargs: Any) -> list[CheckMessage]:
    """The address that links in mails have is one that this installation answers to."""
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        hint = "Write it like https://network.example.com, without a slash at the end."
        return [Error(f"BASE_URL is no address: {settings.BASE_URL!r}.", hint=hint, id="kring.E004")]
    found: list[CheckMessage] = []
    if not validate_host(parts.hostname, settings.ALLOWED_HOSTS):
        hint = f"Add {parts.hostname} to ALLOWED_HOSTS."
        found.append(Error("Links in mails lead to a host that is refused here.", hint=hint, id="kring.E005"))
    if settings.BEHIND_TLS and not settings.TRUSTED_PROXIES:
        hint = "Set TRUSTED_PROXIES to how many proxies stand in front; the last one ends TLS."
        text = "BASE_URL is https, but no proxy is trusted: forms are refused, and all visitors share one limit."
        found.append(Error(text, hint=hint, id="kring.E006"))
    return found


@register
def rates_can_be_read(**_kwargs: Any) -> list[CheckMessage]:
    """A rate that cannot be read would fail each request."""
    found: list[CheckMessage] = []
    for scope, rate in settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].items():
        try:
            SimpleRateThrottle.parse_rate(SimpleRateThrottle.__new__(SimpleRateThrottle), rate)
        except (ValueError, KeyError, IndexError):
            hint = "Write a number, a slash and sec, min, hour or day: 600/min."
            found.append(Error(f"The rate of {scope!r} cannot be read: {rate!r}.", hint=hint, id="kring.E007"))
    return found


@register(Tags.caches, deploy=True)
def limits_are_shared(**_kwargs: Any) -> list[CheckMessage]:
    """Limits on logins and calls are counted in the cache."""
    if not settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        return []
    hint = "Set CACHE_URL to a Valkey or Redis that all processes share."
    return [Advice("Each process counts for itself how often somebody tries.", hint=hint, id="kring.W001")]
