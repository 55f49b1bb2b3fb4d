"""Bad settings are said before anything starts."""

from pathlib import Path
from typing import Any

import pytest

from backend import checks


def ids(messages: list[Any]) -> list[str]:
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


@pytest.mark.parametrize(("folder", "file", "expected"), [(0o700, 0o600, []), (0o755, 0o644, ["kring.E001"] * 2)])
def test_keys_that_others_can_read_are_an_error(
    tmp_path: Path, settings: Any, folder: int, file: int, expected: list[str]
) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.KEYS_DIR.mkdir()
    (settings.KEYS_DIR / "secret_key").write_text("x")
    (settings.KEYS_DIR / "secret_key").chmod(file)
    settings.KEYS_DIR.chmod(folder)
    assert ids(checks.keys_are_private()) == expected


def test_no_keys_folder_is_no_error(tmp_path: Path, settings: Any) -> None:
    settings.KEYS_DIR = tmp_path / "none"
    assert checks.keys_are_private() == []


def test_the_keys_that_this_suite_runs_with_are_private() -> None:
    assert checks.keys_are_private() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DEBUG": True, "DEMO": True, "BEHIND_TLS": False}, []),
        ({"DEBUG": False, "DEMO": False, "BEHIND_TLS": True}, []),
        ({"DEBUG": True, "DEMO": False, "BEHIND_TLS": True}, ["kring.E002"]),
        ({"DEBUG": False, "DEMO": True, "BEHIND_TLS": True}, ["kring.E003"]),
        ({"MAILBOX": True, "BEHIND_TLS": True}, ["kring.E008"]),
    ],
)
def test_development_in_public_is_an_error(settings: Any, changes: dict[str, bool], expected: list[str]) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids(checks.nothing_of_development_in_public()) == expected


@pytest.mark.parametrize(
    ("address", "proxies", "expected"),
    [
        ("http://localhost:8000", 0, []),
        ("https://network.example.com", 1, []),
        ("https://network.example.com", 0, ["kring.E006"]),
        ("http://elsewhere.example.com", 0, ["kring.E005"]),
        ("network.example.com", 0, ["kring.E004"]),
        ("ftp://network.example.com", 0, ["kring.E004"]),
        ("", 0, ["kring.E004"]),
    ],
)
def test_an_address_that_does_not_fit_is_an_error(
    settings: Any, address: str, proxies: int, expected: list[str]
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "network.example.com"]
    settings.BASE_URL, settings.BEHIND_TLS = address, address.startswith("https://")
    settings.TRUSTED_PROXIES = proxies
    assert ids(checks.addresses_fit()) == expected


@pytest.mark.parametrize("rate", ["many", "5", "5/fortnight", "/hour", ""])
def test_a_rate_that_cannot_be_read_is_an_error(settings: Any, rate: str) -> None:
    assert checks.rates_can_be_read() == []
    settings.REST_FRAMEWORK = {"DEFAULT_THROTTLE_RATES": {"caller": rate}}
    assert ids(checks.rates_can_be_read()) == ["kring.E007"]


def test_limits_that_are_not_shared_are_a_warning(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    assert checks.limits_are_shared() == []
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert ids(checks.limits_are_shared()) == ["kring.W001"]
