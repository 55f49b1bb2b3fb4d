"""The pages of members and visitors in a real browser: they do what they say, and can be read by everybody."""

import email
import email.policy
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from alumni.consent.models import ConsentEvent, ConsentState
from alumni.joining.models import OptIn
from alumni.members.models import Member, MemberSkill
from notifications.digests import runs
from notifications.digests.models import Digest, Preference
from notifications.mail import links, mailbox
from notifications.mail.models import ServiceMail
from tests.notifications.digests.conftest import publish_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LooksRight = Callable[..., None]


def in_force(member: Member) -> set[str]:
    return set(ConsentState.objects.filter(member=member, state="given").values_list("purpose", flat=True))


def newest_mail() -> str:
    """The text of the newest mail in the outbox."""
    raw = bytes(ServiceMail.objects.exclude(kind="none").latest("pk").body)
    part = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def path_in_mail(prefix: str) -> str:
    found = re.search(rf"https?://[^/\s]+({prefix}\S+)", newest_mail())
    assert found is not None
    return found[1]


def give_digest(member: Member) -> Digest:
    """A digest that was handed over."""
    publish_post("gig", title="Meetdata op orde brengen", skills=["Python"])
    run = runs.start(everybody=True)
    runs.plan_all(run)
    Digest.objects.filter(member=member).update(state="handed_over", handed_over_at=timezone.now())
    return Digest.objects.get(member=member)


def test_the_pages_that_anybody_may_see(visitor: Any, notices: None, looks_right: LooksRight) -> None:
    public = publish_post("vacancy", title="Teamleider data", visibility="public")
    closed = publish_post("gig", title="Gesloten klus", visibility="public")
    type(closed).objects.filter(pk=closed.pk).update(state="closed", closed_at=timezone.now())
    for path in (
        "/",
        "/join/",
        "/accounts/login/",
        f"/p/{public.slug}",
        f"/p/{closed.slug}",
        "/notices/gigs/1/nl/",
        "/not-there/",
        "/join/a-link-that-nobody-made/",
    ):
        looks_right(visitor, path)


def test_somebody_joins_and_only_the_last_press_writes(visitor: Any, notices: None, looks_right: LooksRight) -> None:
    visitor.goto("/join/")
    page = visitor.page
    page.get_by_label("Voornaam").fill("Noor")
    page.get_by_label("Achternaam").fill("Bakker")
    page.get_by_label("E-mailadres").fill("noor@noorbakker.example")
    visitor.press("Stuur me de mail")
    assert "noor@noorbakker.example" in visitor.text()

    link = path_in_mail("/join/")
    looks_right(visitor, link)
    assert not Member.objects.exists()
    assert not ConsentEvent.objects.exists()
    visitor.goto(link)
    boxes = page.get_by_role("checkbox")
    assert boxes.count() == 4
    assert not any(boxes.nth(n).is_checked() for n in range(4))

    page.get_by_label("Klussen en opdrachten").check()
    visitor.press("Bevestig mijn keuzes")
    noor = Member.objects.get()
    assert in_force(noor) == {"gigs"}
    assert "Je bent lid, Noor" in visitor.text()
    looks_right(visitor)

    visitor.goto(link)
    assert "al gebruikt" in visitor.text()
    assert in_force(noor) == {"gigs"}


def test_that_was_not_me_erases_the_request(visitor: Any, notices: None) -> None:
    visitor.goto("/join/")
    page = visitor.page
    page.get_by_label("Voornaam").fill("Noor")
    page.get_by_label("Achternaam").fill("Bakker")
    page.get_by_label("E-mailadres").fill("noor@noorbakker.example")
    visitor.press("Stuur me de mail")
    visitor.goto(path_in_mail("/join/"))
    visitor.press("Dit was ik niet")
    assert not OptIn.objects.exists()
    assert not Member.objects.exists()


def test_a_member_logs_in_with_the_code_from_the_mail(visitor: Any, alice: Member, looks_right: LooksRight) -> None:
    visitor.goto("/account/preferences/")
    visitor.page.get_by_label("Je e-mailadres").fill(alice.email)
    visitor.press("Mail mij een code")
    code = re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b", newest_mail())
    assert code is not None
    looks_right(visitor)
    visitor.page.get_by_label("Code uit de mail").fill(code[0])
    visitor.press("Aanmelden")
    assert visitor.page.url.endswith("/account/preferences/")
    assert "Mijn voorkeuren" in visitor.text()


def test_preferences_say_what_changed_and_off_is_as_easy_as_on(
    visitor: Any, alice: Member, looks_right: LooksRight
) -> None:
    visitor.log_in(alice.user)
    looks_right(visitor, "/account/preferences/")
    visitor.goto("/account/preferences/")
    page = visitor.page
    page.get_by_label("Vacatures").uncheck()
    page.get_by_label("Hoe vaak").select_option("monthly")
    visitor.press("Voorkeuren opslaan")
    assert in_force(alice) == {"gigs", "updates", "matching"}
    assert Preference.objects.get(member=alice).frequency == "monthly"
    assert "Vacatures staat uit. Je krijgt dit niet meer." in visitor.text()
    page.get_by_label("Vacatures").check()
    visitor.press("Voorkeuren opslaan")
    assert "vacancies" in in_force(alice)
    visitor.press("Stop alle mail")
    assert in_force(alice) == {"matching"}
    looks_right(visitor, "/account/preferences/")


def test_a_member_changes_skills_without_a_script(visitor: Any, alice: Member, looks_right: LooksRight) -> None:
    visitor.log_in(alice.user)
    looks_right(visitor, "/account/")
    visitor.goto("/account/")
    visitor.page.get_by_label("Vaardigheid toevoegen").fill("Airflow")
    visitor.press("Toevoegen")
    visitor.press("Python verwijderen")
    names = set(MemberSkill.objects.filter(member=alice).values_list("skill__name", flat=True))
    assert names == {"PostgreSQL", "Airflow"}


def test_a_freelancer_sees_what_is_wrong_at_the_field(visitor: Any, carol: Member, looks_right: LooksRight) -> None:
    visitor.log_in(carol.user)
    visitor.goto("/account/")
    page = visitor.page
    page.get_by_label("Rate from, in euro").fill("95")
    page.get_by_label("Rate until, in euro").fill("80")
    visitor.press("Save freelance profile")
    assert "The highest rate is below the lowest. Swap them." in visitor.text()
    looks_right(visitor)


def test_what_a_member_got_comes_with_the_reason(visitor: Any, alice: Member, looks_right: LooksRight) -> None:
    visitor.log_in(alice.user)
    looks_right(visitor, "/account/digests/")
    give_digest(alice)
    looks_right(visitor, "/account/digests/")
    assert "Past bij jou omdat je Python noemt" in visitor.text()


def test_leaving_asks_once_and_then_nothing_is_left(visitor: Any, alice: Member, looks_right: LooksRight) -> None:
    visitor.log_in(alice.user)
    looks_right(visitor, "/account/leave/")
    assert Member.objects.exists()
    visitor.press("Wis alles wat jullie van mij hebben")
    assert not Member.objects.exists()
    looks_right(visitor)


def test_the_link_in_the_mail_stops_it_with_one_press(visitor: Any, alice: Member, looks_right: LooksRight) -> None:
    link = "/u/" + links.unsubscribe_token(alice.uid, ["gigs", "vacancies", "updates"])
    looks_right(visitor, link)
    assert in_force(alice) >= {"gigs", "vacancies", "updates"}
    visitor.goto(link)
    visitor.press("Ja, meld me af")
    assert in_force(alice) == {"matching"}
    looks_right(visitor)
    visitor.press("Draai het terug")
    assert in_force(alice) >= {"gigs", "vacancies", "updates"}


def test_the_mailbox_shows_a_mail(
    visitor: Any, settings: Any, tmp_path: Any, organisation: Any, looks_right: LooksRight
) -> None:
    settings.MAILBOX, settings.MAILBOX_DIR = True, tmp_path
    letter = b"Subject: Je code\r\nFrom: a@maasveld.example\r\nTo: alice@thuis.example\r\n\r\nJe code is ABCD-EFGH.\r\n"
    mailbox.keep(mail_from="a@maasveld.example", to="alice@thuis.example", data=letter)
    looks_right(visitor, "/mailbox/")
    visitor.follow("Je code")
    assert "ABCD-EFGH" in visitor.text()
    looks_right(visitor)


def test_the_pages_work_with_the_keyboard_alone(visitor: Any, alice: Member) -> None:
    visitor.log_in(alice.user)
    visitor.goto("/account/preferences/")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    seen: set[str] = set()
    for _n in range(60):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        name = page.evaluate("document.activeElement.tagName + (document.activeElement.name || '')")
        if name.startswith("BODY"):
            break
        assert outline != "none", name
        seen.add(name)
    assert {"INPUTpurposes", "SELECTfrequency", "INPUTpaused_until", "BUTTONdo"} <= seen


def test_nothing_scrolls_sideways_at_320_pixels(visitor: Any, alice: Member) -> None:
    visitor.log_in(alice.user)
    visitor.page.set_viewport_size({"width": 320, "height": 700})
    for path in ("/", "/join/", "/account/", "/account/preferences/", "/account/leave/"):
        visitor.goto(path)
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 320, path
