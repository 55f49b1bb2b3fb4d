"""Makes the pictures in the README from a running demo: `python scripts/screenshots.py [http://localhost:8000]`.

Needs `make run` in another terminal, and a Chromium (`CHROMIUM` names one elsewhere). Looks and logs in as a person
would: the login code is read in the mailbox.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
AUTHOR = "marieke@maasveld.example"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def chromium() -> str:
    """Where the browser is."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium here. Install one, or name it: CHROMIUM=/path/to/chromium")
    return found


def letters(page: Page, base: str, to: str = "") -> list[dict[str, Any]]:
    """What the mailbox holds, the newest first."""
    found = page.request.get(f"{base}/mailbox/?format=json&to={to}").json()["results"]
    return list(found)


def digest(browser: Browser, base: str) -> None:
    """A digest in which a gig fits, as a mail program would show it."""
    page = browser.new_page(viewport={"width": 640, "height": 900})
    found = [letter for letter in letters(page, base) if letter["subject"].startswith("Klus in ")]
    if not found:
        raise SystemExit("No digest in the mailbox yet. Wait for the first ones, or: manage.py run_digests --now")
    page.goto(f"{base}/mailbox/{found[0]['id']}/html/")
    page.screenshot(path=str(IMAGES / "digest.png"))


def office(browser: Browser, base: str) -> None:
    """The back office's start page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="nl-NL")
    page.goto(f"{base}/office/")
    page.fill("input[name=email]", AUTHOR)
    page.click("main button[type=submit]")
    page.wait_for_selector("input[name=code]")
    code = ""
    for _attempt in range(40):
        found = [re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", letter["text"]) for letter in letters(page, base, AUTHOR)]
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
