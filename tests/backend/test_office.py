"""The back office: who sees what follows the roles, and each button is one call into a room."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alumni.accounts.models import ApiToken, Organisation, User
from alumni.accounts.roles import Role
from alumni.consent.models import ConsentEvent
from alumni.joining.models import Import, Invitation
from alumni.joining.states import MemberState, counted
from alumni.members.models import Member
from notifications.digests import runs
from notifications.digests.models import Digest, Run
from notifications.posts import review
from notifications.posts.models import Post, PostState
from notifications.social.models import Draft

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
READERS = {"reader", "author", "approver", "administrator"}
# Which roles may open which list.
LISTS = {
    "alumni_member": READERS | {"privacy_officer"},
    "alumni_invitation": READERS | {"privacy_officer"},
    "alumni_import": {"author", "approver", "administrator"},
    "alumni_consentevent": {"administrator", "privacy_officer"},
    "alumni_notice": {"administrator", "privacy_officer"},
    "alumni_suppression": READERS | {"privacy_officer"},
    "alumni_organisation": {"administrator"},
    "alumni_user": {"administrator"},
    "alumni_apitoken": {"administrator"},
    "notifications_post": READERS,
    "notifications_draft": READERS,
    "notifications_run": READERS | {"privacy_officer"},
    "notifications_digest": READERS | {"privacy_officer"},
    "notifications_servicemail": READERS | {"privacy_officer"},
}


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


def staff_of(role: str) -> User:
    from alumni.accounts.staff import appoint

    return appoint(email=f"{role}@maasveld.example", name=role.capitalize(), roles=[role])


def test_every_list_stands_in_the_table() -> None:
    import backend.urls  # noqa: F401  leaves only what is ours

    registered = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert registered == set(LISTS)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_opens_its_lists_and_no_other(role: str, organisation: Organisation, browser_of: Browser) -> None:
    browser = browser_of(staff_of(role))
    for model, roles in LISTS.items():
        status = browser.get(reverse(f"admin:{model}_changelist"), follow=True).status_code
        assert status == (200 if role in roles else 403), model


@pytest.mark.parametrize("role", Role.values)
def test_the_side_bar_shows_what_may_be_opened(role: str, organisation: Organisation, browser_of: Browser) -> None:
    page = browser_of(staff_of(role)).get("/office/").content.decode()
    for model, roles in LISTS.items():
        shown = f'<li><a href="{reverse(f"admin:{model}_changelist")}"' in page
        assert shown == (role in roles), model


def test_nobody_and_members_do_not_get_in(alice: Member, browser_of: Browser) -> None:
    for user in (None, alice.user):
        for path in ("/office/", "/office/alumni/member/", f"/office/alumni/member/{alice.pk}/change/"):
            answer = browser_of(user).get(path)
            assert answer.status_code in (302, 403)
            assert b"Alice" not in answer.content


def test_the_start_page_adds_up_and_asks_no_more_for_more_members(
    make_member: Callable[..., Member], administrator: User, browser_of: Browser
) -> None:
    browser = browser_of(administrator)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = browser.get("/office/")
        assert answer.context["members_total"] == Member.objects.count()
        assert sum(row["n"] for row in answer.context["members"]) == Member.objects.count()
        return len(asked)

    make_member("Alice", consents=["gigs"])
    few = queries()
    for n in range(8):
        make_member(f"Member{n}", consents=["gigs", "updates"], email=f"m{n}@thuis.example")
    Member.objects.create(given_name="X", family_name="Y", email="x@thuis.example", is_alumnus=True)
    assert queries() == few


def test_every_member_is_in_exactly_one_state(alice: Member, bob: Member, carol: Member) -> None:
    from django.utils import timezone

    Member.objects.filter(pk=bob.pk).update(paused_until=timezone.localdate())
    Member.objects.filter(pk=carol.pk).update(left_at=timezone.now())
    Member.objects.create(given_name="X", family_name="Y", email="x@thuis.example", is_alumnus=True)
    found = {state: n for state, n in counted(Member.objects.all(), at=timezone.now()).items() if n}
    assert found == {
        MemberState.JOINED: 1,
        MemberState.PAUSED: 1,
        MemberState.LEFT: 1,
        MemberState.NOT_INVITED: 1,
    }


def test_the_list_of_members_asks_the_same_for_two_and_for_twenty(
    make_member: Callable[..., Member], reader: User, browser_of: Browser
) -> None:
    browser = browser_of(reader)
    make_member("Alice", consents=["gigs"])
    make_member("Bob")
    with CaptureQueriesContext(connection) as two:
        browser.get("/office/alumni/member/")
    for n in range(18):
        make_member(f"Member{n}", consents=["gigs", "updates"], email=f"m{n}@thuis.example")
    with CaptureQueriesContext(connection) as twenty:
        browser.get("/office/alumni/member/")
    assert len(two) == len(twenty)


def test_a_rate_shows_only_while_the_member_consents_to_gigs(
    make_member: Callable[..., Member], reader: User, browser_of: Browser
) -> None:
    rate = {"rate_min": "81.00", "rate_max": "97.00"}
    yes = make_member("Yes", consents=["gigs"], freelance=rate)
    no = make_member("No", consents=["updates"], freelance=rate)
    browser = browser_of(reader)
    assert "81,00" in browser.get(f"/office/alumni/member/{yes.pk}/change/").content.decode()
    assert "81,00" not in browser.get(f"/office/alumni/member/{no.pk}/change/").content.decode()


def test_the_ledger_on_a_members_page_is_for_who_may_read_it(
    alice: Member, reader: User, privacy_officer: User, browser_of: Browser
) -> None:
    entry = f"/office/alumni/consentevent/{ConsentEvent.objects.latest('seq').pk}/change/"
    for user, may in ((reader, False), (privacy_officer, True)):
        page = browser_of(user).get(f"/office/alumni/member/{alice.pk}/change/").content.decode()
        assert (entry in page) == may
        assert browser_of(user).get(entry).status_code == (200 if may else 403)


def test_nothing_of_the_ledger_can_be_changed_here(alice: Member, administrator: User, browser_of: Browser) -> None:
    browser = browser_of(administrator)
    event = ConsentEvent.objects.latest("seq")
    assert browser.get("/office/alumni/consentevent/add/").status_code in (403, 404)
    for path in ("delete", "history"):
        assert browser.post(f"/office/alumni/consentevent/{event.pk}/{path}/").status_code == 404
    browser.post("/office/alumni/consentevent/", {"action": "delete_selected", "_selected_action": [event.pk]})
    assert ConsentEvent.objects.filter(pk=event.pk).exists()


def test_suppressions_are_numbers_without_addresses(alice: Member, reader: User, browser_of: Browser) -> None:
    from alumni.consent import suppression

    suppression.suppress(email="weg@thuis.example", reason="objected")
    page = browser_of(reader).get("/office/alumni/suppression/").content.decode()
    assert "weg@" not in page
    assert '<td class="n">1</td>' in page


def test_service_mails_show_no_address_and_no_body(alice: Member, reader: User, browser_of: Browser) -> None:
    page = browser_of(reader).get("/office/notifications/servicemail/").content.decode()
    assert "alice@thuis.example" not in page


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        # What a list does not show, its filters must not tell letter by letter.
        ("notifications/servicemail/?to__startswith=alice", 400),
        ("notifications/servicemail/?body__contains=code", 400),
        ("notifications/servicemail/?dedupe_key__startswith=a", 400),
        ("alumni/member/?user__email__startswith=alice", 400),
        ("alumni/invitation/?token_sha256__startswith=0", 400),
        ("notifications/servicemail/?state__exact=planned&kind=opt_in", 200),
        ("alumni/member/?state=joined&kind=alumnus&consent=gigs&q=alice&o=1", 200),
        ("notifications/digest/?run__id__exact=1&state__exact=planned", 200),
        ("notifications/post/?state__exact=in_review", 200),
    ],
)
def test_only_the_filters_of_a_list_are_taken(
    alice: Member, reader: User, browser_of: Browser, path: str, answer: int
) -> None:
    assert browser_of(reader).get(f"/office/{path}").status_code == answer


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


def test_administrators_appoint_people_and_revoke_tokens(
    administrator: User, author: User, browser_of: Browser
) -> None:
    from alumni.accounts.tokens import create_client_token

    browser = browser_of(administrator)
    form = {"email": "nieuw@maasveld.example", "name": "Nieuwe", "roles": ["author"], "is_active": "on"}
    assert browser_of(author).post("/office/alumni/user/add/", form).status_code == 403
    browser.post("/office/alumni/user/add/", form)
    new = User.objects.get(email="nieuw@maasveld.example")
    assert (new.is_staff, [group.name for group in new.groups.all()]) == (True, ["author"])
    browser.post(f"/office/alumni/user/{new.pk}/change/", {"name": "Nieuwe", "roles": ["reader"]})
    new.refresh_from_db()
    assert (new.is_active, [group.name for group in new.groups.all()]) == (False, ["reader"])
    create_client_token(name="koppeling", scopes=["digests:read"])
    token = ApiToken.objects.get()
    browser.post("/office/alumni/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_office_keeps_no_log_that_names_people(alice: Member, privacy_officer: User, browser_of: Browser) -> None:
    from django.contrib.admin.models import LogEntry

    browser_of(privacy_officer).post(f"/office/alumni/member/{alice.pk}/erase/")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_office_speaks_both_languages(language: str, administrator: User, browser_of: Browser) -> None:
    page = browser_of(administrator).get(f"/office/?language={language}").content.decode()
    assert {"nl": "Leden naar staat", "en": "Members by state"}[language] in page
