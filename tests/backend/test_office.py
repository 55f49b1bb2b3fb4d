"""The back office: who sees what follows the roles, and what it shows adds up."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alumni.accounts.models import ApiToken, Organisation, User
from alumni.accounts.roles import Role
from alumni.consent.models import ConsentEvent
from alumni.joining.states import MemberState, counted
from alumni.members.models import Member

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
