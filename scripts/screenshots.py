"""Makes the pictures in the README from a running demo: `python scripts/screenshots.py [http://localhost:8000]`.

Needs `make run` in another terminal, and a Chromium (`CHROMIUM` names one elsewhere). Looks and logs in as a person
would: the login code is read in the mailbox.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def chromium() -> str:
    """Where the browser is."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium here. Install one, or name it: CHROMIUM=/path/to/chromium")
    return found


def latest_mail(page: Page, base: str, *, to: str = "", subject: str = "") -> str:
    """The address of the newest message in the mailbox for this recipient and with this in its subject."""
    page.goto(f"{base}/mailbox/?to={to}")
    links = page.locator("main a").filter(has_text=re.compile(subject))
    return base + str(links.first.get_attribute("href"))


def digest(browser: Browser, base: str) -> None:
    """The newest digest, as a mail program would show it."""
    page = browser.new_page(viewport={"width": 640, "height": 900})
    listing = page.request.get(f"{base}/mailbox/?format=json").json()
    messages = listing["messages"] if isinstance(listing, dict) else listing
    newest = max((m for m in messages if m.get("list_unsubscribe")), key=lambda m: len(m.get("text", "")))
    page.goto(base + newest["html_url"])
    page.screenshot(path=str(IMAGES / "digest.png"), full_page=False)


def office(browser: Browser, base: str) -> None:
    """The back office's start page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="nl-NL")
    page.goto(f"{base}/office/")
    page.fill("input[name=email]", "marieke@maasveld.example")
    page.click("main button[type=submit]")
    page.wait_for_selector("input[name=code]")
    code = ""
    for _attempt in range(20):
        listing = page.request.get(f"{base}/mailbox/?format=json&to=marieke@maasveld.example").json()
        messages = listing["messages"] if isinstance(listing, dict) else listing
        found = [re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", message["text"]) for message in messages]
        code = next((match[1] for match in found if match), "")
        if code:
            break
        page.wait_for_timeout(500)
    page.fill("input[name=code]", code)
    page.click("main button[type=submit]")
    page.wait_for_url("**/office/**")
    page.screenshot(path=str(IMAGES / "office.png"))


def main() -> None:
    """Both pictures."""
    base = (sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000").rstrip("/")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGS)
        digest(browser, base)
        office(browser, base)
        browser.close()
    print(f"Wrote {IMAGES}/digest.png and office.png")


if __name__ == "__main__":
    main()
