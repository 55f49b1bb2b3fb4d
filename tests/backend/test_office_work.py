"""What HR does in the back office: each button is one call into a room, looking does nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from alumni.accounts.models import Organisation, User
from alumni.joining.models import Import, Invitation
from alumni.members.models import Member
from notifications.digests import runs
from notifications.digests.models import Digest, Run
from notifications.posts import review
from notifications.posts.models import Post, PostState
from notifications.social.models import Draft

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


def gig_form(**changes: Any) -> dict[str, Any]:
    """What the browser sends for a new gig."""
    from notifications.audiences.models import Audience

    return {
        "title_nl": "Meetdata op orde brengen",
        "summary_nl": "Er missen stukken.",
        "body_nl": "Wat er moet komen.",
        "pay_min": "85",
        "pay_max": "95",
        "unit": "hour",
        "skills": "Python, PostgreSQL",
        "audience": Audience.objects.get(code="everybody").pk,
        "visibility": "public",
        "do": "save",
        **changes,
    }


def leaver(n: int = 1) -> Member:
    return Member.objects.create(
        given_name=f"Lea{n}", family_name="Ver", email=f"lea{n}@thuis.example", is_alumnus=True, permission_remark="yes"
    )


def test_looking_at_the_invite_page_invites_nobody_and_the_post_invites_once(
    notices: None, author: User, browser_of: Browser
) -> None:
    lea = leaver()
    browser = browser_of(author)
    page = f"/office/alumni/member/{lea.pk}/invite/"
    assert browser.get(page).status_code == 200
    assert not Invitation.objects.exists()
    browser.post(page, {"reason": "Werkte tien jaar bij ons."})
    browser.post(page, {"reason": "Nog eens."})
    assert Invitation.objects.get().invited_by == author


def test_ticked_people_are_invited_with_one_reason(notices: None, author: User, browser_of: Browser) -> None:
    people = [leaver(n) for n in range(3)]
    browser = browser_of(author)
    ticked = {"action": "invite_ticked", "_selected_action": [one.pk for one in people[:2]]}
    asks = browser.post("/office/alumni/member/", ticked)
    assert asks.status_code == 302
    assert not Invitation.objects.exists()
    browser.post(asks["Location"], {"reason": "Zeiden ja bij het vertrek."})
    assert {one.member for one in Invitation.objects.all()} == set(people[:2])


def test_a_reader_can_not_invite(notices: None, reader: User, browser_of: Browser) -> None:
    lea = leaver()
    answer = browser_of(reader).post(f"/office/alumni/member/{lea.pk}/invite/", {"reason": "Zomaar."})
    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_erasing_asks_first_and_is_for_privacy(
    alice: Member, author: User, privacy_officer: User, browser_of: Browser
) -> None:
    page = f"/office/alumni/member/{alice.pk}/erase/"
    assert browser_of(author).post(page).status_code == 403
    assert browser_of(privacy_officer).get(page).status_code == 200
    assert Member.objects.filter(pk=alice.pk).exists()
    browser_of(privacy_officer).post(page)
    assert not Member.objects.filter(pk=alice.pk).exists()


def test_an_upload_is_a_report_until_it_is_applied(
    organisation: Organisation, author: User, browser_of: Browser
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    rows = "Voornaam;Achternaam;E-mail privé;Datum in dienst;Datum uit dienst\n"
    rows += "Piet;Jansen;piet@thuis.example;01-02-2019;31-10-2026\n"
    rows += "Kees;Smit;geen adres;01-02-2019;31-02-2026\n"
    browser = browser_of(author)
    file = SimpleUploadedFile("vertrekkers.csv", rows.encode())
    answer = browser.post("/office/alumni/import/add/", {"file": file, "source": "hr", "kind": "alumnus"})
    batch = Import.objects.get()
    assert answer["Location"] == f"/office/alumni/import/{batch.pk}/change/"
    assert not Member.objects.exists()
    report = browser.get(answer["Location"])
    assert report.context["counts"]["create"] == 1
    assert report.context["counts"]["error"] == 1
    browser.get(f"/office/alumni/import/{batch.pk}/apply/")
    assert not Member.objects.exists()
    browser.post(f"/office/alumni/import/{batch.pk}/apply/")
    assert Member.objects.get().joined_at is None


def test_a_file_that_is_none_is_told_in_words(organisation: Organisation, author: User, browser_of: Browser) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = browser_of(author).post(
        "/office/alumni/import/add/", {"file": SimpleUploadedFile("leeg.csv", b""), "kind": "auto"}, follow=True
    )
    assert answer.status_code == 200
    assert list(answer.context["messages"])
    assert not Import.objects.exists()


def test_a_gig_goes_from_form_to_closed_by_two_people(
    alice: Member, author: User, approver: User, browser_of: Browser
) -> None:
    writes, decides = browser_of(author), browser_of(approver)
    answer = writes.post("/office/notifications/post/add/gig/", gig_form())
    post = Post.objects.get()
    page = answer["Location"]
    seen = writes.get(page)
    assert seen.context["reach"]["total"] == seen.context["reach"]["reached"] == 1
    writes.post(page, gig_form(version=post.version, do="submit"))
    post.refresh_from_db()
    assert post.state == PostState.IN_REVIEW
    answers = {f"q_{key}": answer for key, answer in review.CLEAR.items()}
    assert writes.post(f"/office/notifications/post/{post.pk}/decide/", {"do": "approve", **answers}).status_code == 403
    decides.post(f"/office/notifications/post/{post.pk}/decide/", {"do": "approve", **answers})
    decides.post(f"/office/notifications/post/{post.pk}/publish/")
    post.refresh_from_db()
    assert post.state == PostState.PUBLISHED
    assert Draft.objects.filter(post=post, state="ready").exists()
    assert decides.get(f"/office/notifications/post/{post.pk}/close/").status_code == 200
    decides.post(f"/office/notifications/post/{post.pk}/close/")
    post.refresh_from_db()
    assert post.state == PostState.CLOSED


def test_who_submitted_cannot_approve_also_with_the_scope(approver: User, browser_of: Browser) -> None:
    browser = browser_of(approver)
    browser.post("/office/notifications/post/add/gig/", gig_form())
    post = Post.objects.get()
    browser.post(f"/office/notifications/post/{post.pk}/change/", gig_form(version=post.version, do="submit"))
    answers = {f"q_{key}": answer for key, answer in review.CLEAR.items()}
    told = browser.post(f"/office/notifications/post/{post.pk}/decide/", {"do": "approve", **answers}, follow=True)
    assert list(told.context["messages"])
    post.refresh_from_db()
    assert post.state == PostState.IN_REVIEW


def test_sending_back_wants_a_remark(author: User, approver: User, browser_of: Browser) -> None:
    browser_of(author).post("/office/notifications/post/add/gig/", gig_form())
    post = Post.objects.get()
    review.submit(post=post, by=author)
    decide = f"/office/notifications/post/{post.pk}/decide/"
    browser_of(approver).post(decide, {"do": "send_back"})
    post.refresh_from_db()
    assert post.state == PostState.IN_REVIEW
    browser_of(approver).post(decide, {"do": "send_back", "remark": "Noem de plaats."})
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_a_draft_without_a_rate_is_kept_and_says_what_is_missing(author: User, browser_of: Browser) -> None:
    browser = browser_of(author)
    answer = browser.post("/office/notifications/post/add/gig/", gig_form(pay_min="", pay_max=""))
    post = Post.objects.get()
    assert browser.get(answer["Location"]).context["missing"]
    browser.post(answer["Location"], gig_form(pay_min="", pay_max="", version=post.version, do="submit"))
    post.refresh_from_db()
    assert post.state == PostState.DRAFT


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(author: User, browser_of: Browser) -> None:
    answer = browser_of(author).post(
        "/office/notifications/post/add/gig/", gig_form(title_nl="", pay_min="95", pay_max="85", body_nl="Bewaar mij")
    )
    assert not Post.objects.exists()
    assert set(answer.context["form"].errors) & {"title_nl", "pay_max"}
    assert "Bewaar mij" in answer.content.decode()


def test_two_who_edit_at_once_do_not_overwrite_each_other(author: User, browser_of: Browser) -> None:
    browser = browser_of(author)
    page = browser.post("/office/notifications/post/add/gig/", gig_form())["Location"]
    version = Post.objects.get().version
    browser.post(page, gig_form(version=version, title_nl="Eerste"))
    second = browser.post(page, gig_form(version=version, title_nl="Tweede"))
    assert second.context["form"].errors
    assert Post.objects.get().versions.get().texts.get().title == "Eerste"


def test_a_run_by_hand_needs_the_right_and_a_post(
    alice: Member, author: User, approver: User, browser_of: Browser
) -> None:
    start = "/office/notifications/run/start/"
    assert browser_of(author).post(start, {"do": "run", "whom": "due"}).status_code == 403
    assert browser_of(approver).get(start).status_code == 302
    assert not Run.objects.exists()
    browser_of(approver).post(start, {"do": "dry_run", "whom": "everybody"})
    run = Run.objects.get()
    assert run.is_dry_run
    assert run.started_by == approver
    assert browser_of(approver).get(f"/office/notifications/run/{run.pk}/change/").status_code == 200


def test_a_runs_numbers_add_up_on_the_screen(
    alice: Member, bob: Member, author: User, approver: User, browser_of: Browser
) -> None:
    browser_of(author).post("/office/notifications/post/add/gig/", gig_form())
    post = Post.objects.get()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    review.publish(post=post, by=approver)
    run = runs.start(everybody=True)
    runs.plan_all(run)
    seen = browser_of(approver).get(f"/office/notifications/run/{run.pk}/change/").context
    assert seen["total"] == sum(row["n"] for row in seen["states"]) == Digest.objects.count() == 1
    assert seen["posts"][0]["total"] == sum(n for _label, n in seen["posts"][0]["outcomes"]) == 2
    digest = Digest.objects.get()
    page = browser_of(approver).get(f"/office/notifications/digest/{digest.pk}/change/")
    assert "Meetdata op orde brengen" in page.content.decode()
    assert "Python" in page.context["lines"][0]["reason"]
    assert "/u/" not in page.context["preview"]["html"]


def test_a_draft_is_edited_and_marked_as_posted(author: User, approver: User, browser_of: Browser) -> None:
    browser = browser_of(author)
    browser.post("/office/notifications/post/add/gig/", gig_form())
    post = Post.objects.get()
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    review.publish(post=post, by=approver)
    draft = Draft.objects.get()
    page = f"/office/notifications/draft/{draft.pk}/change/"
    browser.post(page, {"text": "Andere tekst", "version": draft.version})
    draft.refresh_from_db()
    assert draft.text == "Andere tekst"
    too_long = browser.post(page, {"text": "x" * 4000, "version": draft.version})
    assert "x" * 4000 in too_long.content.decode()
    browser.post(f"/office/notifications/draft/{draft.pk}/posted/", {"url": "https://www.linkedin.com/posts/1"})
    draft.refresh_from_db()
    assert (draft.state, draft.posted_by) == ("posted", author)
