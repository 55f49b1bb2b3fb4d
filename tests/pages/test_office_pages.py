"""The back office in a real browser: the way in, the start page, a gig from form to network, and how it looks."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from alumni.accounts.models import User
from alumni.members.models import Member
from notifications.digests.models import Digest
from notifications.posts.models import Post
from tests.pages.conftest import BOTH
from tests.pages.test_member_pages import give_digest, newest_mail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LooksRight = Callable[..., None]
LISTS = (
    "alumni/member",
    "alumni/invitation",
    "alumni/import",
    "notifications/post",
    "notifications/draft",
    "notifications/run",
    "notifications/digest",
    "notifications/servicemail",
    "alumni/consentevent",
    "alumni/notice",
    "alumni/suppression",
    "alumni/user",
    "alumni/apitoken",
)


def test_hr_logs_in_with_a_code_and_finds_the_start_page(visitor: Any, author: User, looks_right: LooksRight) -> None:
    visitor.goto("/office/")
    visitor.page.get_by_label("Je e-mailadres").fill(author.email)
    visitor.press("Mail mij een code")
    code = re.search(r"\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b", newest_mail())
    assert code is not None
    visitor.page.get_by_label("Code uit de mail").fill(code[0])
    visitor.press("Aanmelden")
    assert "Wat nu aandacht vraagt" in visitor.text()


def test_a_gig_goes_out_by_two_people_who_see_whom_it_reaches(
    visitor: Any, alice: Member, bob: Member, author: User, approver: User, looks_right: LooksRight
) -> None:
    visitor.log_in(author)
    visitor.goto("/office/notifications/post/add/gig/")
    page = visitor.page
    page.locator("#id_title_nl").fill("Meetdata op orde brengen")
    page.locator("#id_summary_nl").fill("Er missen stukken.")
    page.get_by_label("Tarief vanaf (€)").fill("85")
    page.get_by_label("Tarief tot (€)").fill("95")
    visitor.press("Opslaan")
    assert "Bereikt 1 van 2" in visitor.text()
    visitor.press("Vraag akkoord")
    assert "Wacht op een tweede persoon." in visitor.text()
    post = Post.objects.get()

    visitor.log_in(approver)
    looks_right(visitor, f"/office/notifications/post/{post.pk}/change/")
    for group in page.get_by_role("group").filter(has=page.get_by_role("radio")).all():
        group.get_by_role("radio", name="ja", exact=True).check()
    page.get_by_role("group", name="Moet er eerst nog iemand meekijken?").get_by_role("radio", name="nee").check()
    visitor.press("Geef akkoord")
    visitor.press("Publiceer")
    post.refresh_from_db()
    assert post.state == "published"
    looks_right(visitor, f"/office/notifications/post/{post.pk}/change/")
    draft = post.drafts.get()
    looks_right(visitor, f"/office/notifications/draft/{draft.pk}/change/")


def test_each_list_looks_right_empty_and_full(
    visitor: Any, administrator: User, alice: Member, looks_right: LooksRight
) -> None:
    visitor.log_in(administrator)
    looks_right(visitor, "/office/")
    for name in LISTS:
        looks_right(visitor, f"/office/{name}/", variants=BOTH)


def test_the_pages_of_one_thing_look_right(
    visitor: Any, administrator: User, alice: Member, looks_right: LooksRight
) -> None:
    digest: Digest = give_digest(alice)
    visitor.log_in(administrator)
    for path in (
        "/office/",
        f"/office/alumni/member/{alice.pk}/change/",
        f"/office/alumni/member/{alice.pk}/erase/",
        f"/office/notifications/run/{digest.run_id}/change/",
        f"/office/notifications/digest/{digest.pk}/change/",
        "/office/alumni/consentevent/1/change/",
        "/office/alumni/import/add/",
        "/office/alumni/organisation/1/change/",
        "/office/alumni/user/add/",
        "/office/notifications/post/add/vacancy/",
    ):
        looks_right(visitor, path)


def test_an_import_is_a_report_before_it_is_anything_else(
    visitor: Any, author: User, tmp_path: Any, looks_right: LooksRight
) -> None:
    file = tmp_path / "vertrekkers.csv"
    file.write_text(
        "Voornaam;Achternaam;E-mail privé;Datum in dienst;Datum uit dienst\n"
        "Piet;Jansen;piet@thuis.example;01-02-2019;31-10-2026\n"
        "Kees;Smit;geen adres;01-02-2019;31-10-2026\n"
    )
    visitor.log_in(author)
    visitor.goto("/office/alumni/import/add/")
    visitor.page.get_by_label("Bestand").set_input_files(str(file))
    visitor.press("Lees het bestand")
    assert "We lazen 2 rijen. Er is nog niets veranderd" in visitor.text()
    assert not Member.objects.exists()
    looks_right(visitor)
    visitor.press("Voer 1 rij in")
    assert Member.objects.get().given_name == "Piet"


def test_the_office_can_be_worked_with_the_keyboard(visitor: Any, administrator: User, alice: Member) -> None:
    visitor.log_in(administrator)
    visitor.goto("/office/alumni/member/")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    seen: list[str] = []
    for _n in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("(document.activeElement.getAttribute('href') || document.activeElement.id || '')")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", name
        seen.append(name)
        if f"/member/{alice.pk}/change/" in name:
            break
    assert "searchbar" in seen
    assert any("state=joined" in name for name in seen)
    assert f"/member/{alice.pk}/change/" in seen[-1]
