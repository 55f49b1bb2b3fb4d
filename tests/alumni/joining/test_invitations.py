"""Inviting: by a named person, with a reason, once in a life."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from alumni.accounts.models import Organisation, User
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent
from alumni.joining import forgetting, invitations
from alumni.joining.models import Invitation
from alumni.members.models import Employment, Member
from backend.http.errors import InvalidInput
from notifications.mail.models import ServiceMail

Api = Callable[..., Any]
REASON = {"reason": "Vroeg erom bij het exitgesprek."}


@pytest.fixture
def leaver(notices: None) -> Callable[..., Member]:
    """An imported former colleague: `leaver("Tom", permission_remark="yes")`."""

    def make(given_name: str = "Tom", **fields: Any) -> Member:
        fields.setdefault("email", f"{given_name.lower()}@thuis.example")
        fields.setdefault("permission_remark", "yes")
        fields.setdefault("source", "hr-export")
        member = Member.objects.create(given_name=given_name, family_name="Aerts", is_alumnus=True, **fields)
        Employment.objects.create(member=member, started_on=dt.date(2020, 1, 1), ended_on=dt.date(2026, 10, 31))
        return member

    return make


def _body() -> str:
    from email import message_from_bytes, policy

    mail = message_from_bytes(bytes(ServiceMail.objects.get().body), policy=policy.default)
    part = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return " ".join(str(part.get_content()).split())


def test_an_invitation_is_mailed_once_and_names_who_invited_and_why(
    leaver: Callable[..., Member], author: User, api_of: Api
) -> None:
    tom = leaver()
    hr = api_of(author)
    first = hr.post(f"/members/{tom.uid}/invite/", REASON)
    second = hr.post(f"/members/{tom.uid}/invite/", REASON)

    assert (first.status_code, second.status_code) == (201, 409)
    invitation = Invitation.objects.get()
    assert (invitation.invited_by, invitation.reason) == (author, REASON["reason"])
    assert ServiceMail.objects.get().kind == "invitation"
    assert not ConsentEvent.objects.exists()
    text = _body()
    for said in ("hr-export", "privacy@maasveld.example", "oktober 2026", "Marieke de Boer", "Maasveld"):
        assert said in text
    assert "vacature" not in text.lower()


def test_a_program_cannot_invite_whatever_its_scopes(leaver: Callable[..., Member], api_of: Api) -> None:
    tom = leaver()
    answer = api_of(scopes=["members:read", "members:write"]).post(f"/members/{tom.uid}/invite/", REASON)
    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")
    assert not Invitation.objects.exists()


def test_who_cannot_be_invited_gets_one_answer_for_every_reason(
    leaver: Callable[..., Member], alice: Member, author: User, api_of: Api
) -> None:
    said_no, gone, again = leaver("Nee", permission_remark="no"), leaver("Weg"), leaver("Nog")
    suppression.suppress(email=gone.email, reason="objected")
    invitations.invite(member=again, by=author, reason="Eerste keer.")
    answers = [
        api_of(author).post(f"/members/{member.uid}/invite/", REASON) for member in (said_no, gone, again, alice)
    ]
    assert {answer.status_code for answer in answers} == {409}
    assert len({answer.content for answer in answers}) == 1
    assert ServiceMail.objects.filter(kind="invitation").count() == 1


def test_there_is_no_second_invitation_after_erasure_and_a_new_import(
    leaver: Callable[..., Member], author: User, api_of: Api
) -> None:
    tom = leaver()
    invitations.invite(member=tom, by=author, reason="Eerste keer.")
    forgetting.forget(member=tom)

    back = leaver("Tom", email="TOM@thuis.example")
    assert api_of(author).post(f"/members/{back.uid}/invite/", REASON).status_code == 409
    assert Invitation.objects.count() == 1


def test_there_is_no_second_invitation_after_a_change_of_address(
    leaver: Callable[..., Member], author: User, api_of: Api
) -> None:
    tom = leaver()
    invitations.invite(member=tom, by=author, reason="Eerste keer.")
    tom.email = "tom@elders.example"
    tom.save()

    assert api_of(author).post(f"/members/{tom.uid}/invite/", REASON).status_code == 409
    assert ServiceMail.objects.filter(kind="invitation").count() == 1


def test_in_the_netherlands_only_who_said_yes_is_invited_unless_the_company_decided_otherwise(
    leaver: Callable[..., Member], author: User, api_of: Api
) -> None:
    unknown, belgian = leaver("Onbekend", permission_remark=""), leaver("Els", permission_remark="", country="BE")
    refused = api_of(author).post(f"/members/{unknown.uid}/invite/", REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_permission_at_exit")
    assert api_of(author).post(f"/members/{belgian.uid}/invite/", REASON).status_code == 201

    Organisation.objects.update(allow_post_exit_invite=True)
    assert api_of(author).post(f"/members/{unknown.uid}/invite/", REASON).status_code == 201


@pytest.mark.parametrize("reason", ["", "   ", "x\r\ny", "x" * 501])
def test_a_reason_is_asked(leaver: Callable[..., Member], author: User, api_of: Api, reason: str) -> None:
    answer = api_of(author).post(f"/members/{leaver().uid}/invite/", {"reason": reason})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["reason"]
    assert not Invitation.objects.exists()


def test_a_selection_holds_at_most_fifty(leaver: Callable[..., Member], author: User) -> None:
    everybody = [leaver(f"Lid{n}") for n in range(51)]
    with pytest.raises(InvalidInput, match="50"):
        invitations.invite_selection(members=everybody, by=author, reason="Zei ja.")
    assert not Invitation.objects.exists()

    assert len(invitations.invite_selection(members=everybody[:50], by=author, reason="Zei ja.").invited) == 50
    assert ServiceMail.objects.filter(kind="invitation").count() == 50


def test_a_selection_passes_over_whom_it_may_not_invite(leaver: Callable[..., Member], author: User) -> None:
    yes, unknown, gone = leaver("Ja"), leaver("Onbekend", permission_remark=""), leaver("Weg")
    suppression.suppress(email=gone.email, reason="objected")
    selection = invitations.invite_selection(members=[yes, unknown, gone], by=author, reason="Zei ja.")

    assert [invitation.member for invitation in selection.invited] == [yes]
    assert [member for member, _why in selection.refused] == [unknown, gone]


def test_the_list_of_whom_one_may_invite_agrees_with_inviting(leaver: Callable[..., Member], alice: Member) -> None:
    yes = leaver("Ja")
    leaver("Nee", permission_remark="no")
    leaver("Onbekend", permission_remark="")
    belgian = leaver("Els", permission_remark="", country="BE")
    assert set(invitations.invitable(Member.objects.all())) == {yes, belgian}


def test_without_a_postal_address_hr_is_told_that_nothing_leaves(
    leaver: Callable[..., Member], author: User, api_of: Api
) -> None:
    tom = leaver()
    Organisation.objects.update(street="")
    answer = api_of(author).post(f"/members/{tom.uid}/invite/", REASON)
    assert (answer.status_code, answer.json()["code"]) == (409, "company_incomplete")
    assert not Invitation.objects.exists()
