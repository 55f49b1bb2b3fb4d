"""A real Chromium for the pages, and one word for 'looks right': no accessibility fault, nothing scrolls sideways."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from alumni.accounts.models import User

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ALL = tuple((width, scheme) for width in (1280, 390) for scheme in ("light", "dark"))
# Each width and each scheme once: for lists, of which there are many and which are all drawn alike.
BOTH = ((1280, "light"), (390, "dark"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, one for all tests of a worker. Skips, and says so, where there is none."""
    if CHROMIUM is None:
        pytest.skip("There is no Chromium here: install the package chromium, or name one in CHROMIUM.")
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread, in which Django else refuses the database to the test itself.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """Somebody at a browser. Every error on the console and every request to another host is kept in `complaints`."""

    def __init__(self, context: Any, base: str) -> None:
        self.context, self.base = context, base
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._watch)

    def _listen(self, message: Any) -> None:
        # A page that is meant to say 404 or 410 is no fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "about:")):
            self.complaints.append(f"asked another host: {request.url}")

    def goto(self, path: str) -> Any:
        """Open a page of ours; returns the answer."""
        return self.page.goto(path if path.startswith("http") else f"{self.base}{path}")

    def log_in(self, user: User | None) -> "Visitor":
        """With the session of somebody, without the code by mail."""
        assert user is not None
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.base}])
        return self

    def text(self) -> str:
        """What can be read on the page."""
        return str(self.page.inner_text("body"))

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the first link of that name."""
        self.page.get_by_role("link", name=name).first.click()


@pytest.fixture
def visitor(chromium: Any, live_server: Any, transactional_ledger: None) -> Iterator[Visitor]:
    """A new visitor, who prefers Dutch."""
    context = chromium.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    someone = Visitor(context, live_server.url)
    yield someone
    context.close()
    assert someone.complaints == []


@pytest.fixture
def looks_right() -> Callable[..., None]:
    """`looks_right(visitor, path)`: at both widths, light and dark. Without a path: the page as it stands now."""

    def check(visitor: Visitor, path: str | None = None, variants: tuple[tuple[int, str], ...] = ALL) -> None:
        # The looks do not depend on the database: on the second one each page is only opened.
        for width, scheme in variants if connection.vendor == "sqlite" else variants[:1]:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.page.emulate_media(color_scheme=scheme)
            if path is not None:
                visitor.goto(path)
            _examine(visitor, f"{path or visitor.page.url} at {width} px, {scheme}")
        visitor.page.set_viewport_size({"width": 1280, "height": 900})
        visitor.page.emulate_media(color_scheme="light")

    return check


def _examine(visitor: Visitor, where: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(visitor.page).response["violations"]
    faults = [f"{fault['id']}: {[node['html'][:120] for node in fault['nodes'][:3]]}" for fault in found]
    assert faults == [], f"{where}: {faults}"
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{where}: scrolls sideways"
