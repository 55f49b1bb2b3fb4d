"""The page behind an invitation: yes per purpose, no, or never again."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from alumni.accounts.addresses import keyed_hash
from alumni.accounts.models import User
from alumni.accounts.secret_tokens import new_token
from alumni.consent import suppression
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.joining.models import Import, ImportRow, Invitation
from alumni.members.models import Member
from notifications.mail.models import ServiceMail


@pytest.fixture
def invite(notices: None, author: User) -> Callable[..., tuple[str, Member]]:
    """An imported person with an open invitation; returns the page's path and the person."""

    def make(days: int = 30) -> tuple[str, Member]:
        member = Member.objects.create(
            given_name="Tom", family_name="Aerts", email="tom@thuis.example", is_alumnus=True, permission_remark="yes"
        )
        token, digest = new_token()
        email_hmac, key_id = keyed_hash(member.email)
        now = timezone.now()
        Invitation.objects.create(
            email_hmac=email_hmac,
            key_id=key_id,
            member=member,
            invited_by=author,
            reason="Zei ja.",
            token_sha256=digest,
            sent_at=now - dt.timedelta(days=1),
            expires_at=now + dt.timedelta(days=days),
        )
        return f"/invited/{token}/", member

    return make


def test_the_page_names_who_invited_and_offers_yes_no_and_never_alike(
    invite: Callable[..., tuple[str, Member]],
) -> None:
    path, _member = invite()
    page = Client().get(path).content.decode()

    assert "Marieke de Boer van Maasveld nodigde je" in page
    for answer in ("confirm", "decline", "never"):
        assert f'name="answer" value="{answer}"' in page
    assert " checked" not in page
    assert not ConsentEvent.objects.exists()


def test_ticking_and_confirming_gives_exactly_that(invite: Callable[..., tuple[str, Member]]) -> None:
    path, member = invite()
    answer = Client().post(path, {"answer": "confirm", "purposes": ["vacancies"]})

    assert answer.status_code == 200
    states = dict(ConsentState.objects.filter(member=member).values_list("purpose", "state"))
    assert states == {"vacancies": "given", "gigs": "refused", "updates": "refused", "matching": "refused"}
    assert Invitation.objects.get().answer == "joined"
    assert ServiceMail.objects.get().kind == "receipt"
    assert Client().post(path, {"answer": "never"}).status_code == 410
    assert Member.objects.filter(pk=member.pk).exists()


def test_a_yes_from_another_mailbox_than_todays_address_makes_no_member(
    invite: Callable[..., tuple[str, Member]],
) -> None:
    path, member = invite()
    member.email = "tom@elders.example"  # a later import knew another address
    member.save()
    assert Client().post(path, {"answer": "confirm", "purposes": ["vacancies"]}).status_code == 410

    member.refresh_from_db()
    assert member.joined_at is None
    assert not ConsentEvent.objects.exists() and not ServiceMail.objects.exists()
    assert Client().post(path, {"answer": "decline"}).status_code == 200


def test_rather_not_writes_no_event_and_mails_nothing(invite: Callable[..., tuple[str, Member]]) -> None:
    path, _member = invite()
    assert "nodigen je niet opnieuw uit" in Client().post(path, {"answer": "decline"}).content.decode()

    assert Invitation.objects.get().answer == "declined"
    assert not ConsentEvent.objects.exists()
    assert not ServiceMail.objects.exists()
    assert Client().get(path).status_code == 410


def test_never_again_erases_what_hr_brought_in_and_keeps_only_the_keyed_hash(
    invite: Callable[..., tuple[str, Member]],
) -> None:
    path, _member = invite()
    batch = Import.objects.create(source="hr", filename="x.csv", file_sha256="0" * 64)
    ImportRow.objects.create(
        batch=batch,
        line=2,
        action="create",
        email_key="tom@thuis.example",
        parsed={"member": {"email": "Tom@thuis.example", "given_name": "Tom"}},
    )
    Client().post(path, {"answer": "never"})

    assert not Member.objects.exists()
    assert not ImportRow.objects.exists()
    assert suppression.is_suppressed("TOM@thuis.example")
    invitation = Invitation.objects.get()
    assert (invitation.answer, invitation.member) == ("never", None)


def test_an_expired_invitation_offers_a_sign_up_mail_to_the_same_address(
    invite: Callable[..., tuple[str, Member]],
) -> None:
    path, member = invite(days=-1)
    assert Client().get(path).status_code == 410
    assert Client().post(path, {"answer": "confirm", "purposes": ["gigs"]}).status_code == 410
    assert not ConsentEvent.objects.exists()

    Client().post(path, {"answer": "renew"})
    mail = ServiceMail.objects.get()
    assert (mail.kind, mail.to) == ("opt_in", member.email)
