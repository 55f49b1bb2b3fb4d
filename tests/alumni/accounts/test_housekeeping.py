"""What is thrown away, what is made after a migration, and what is known of a person."""

import datetime as dt
from typing import Any

import time_machine
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from django.contrib.auth.models import Group
from django.test import Client

from alumni.accounts import personal_data
from alumni.accounts.models import ApiToken, IdempotentReply, Session, User
from alumni.accounts.roles import Role
from alumni.accounts.tasks import purge
from alumni.accounts.tokens import create_client_token, create_person_token
from alumni.members.models import Member


def reply(caller: str = "client:x", body: str = "{}") -> IdempotentReply:
    return IdempotentReply.objects.create(
        caller=caller, key=str(IdempotentReply.objects.count()), request_sha256="0", status=200, body=body
    )


def test_every_role_has_its_group_after_a_migration(db: None) -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= set(Role.values)


def test_old_answers_sessions_and_tokens_go_and_others_stay(bob: Any, client: Client) -> None:
    now = dt.datetime.now(dt.UTC)
    with time_machine.travel(now - dt.timedelta(days=2), tick=False):
        reply()
        client.force_login(bob.user)
        create_client_token(name="long gone", scopes=[], days=1)
        fetched = Token.objects.get()
        fetched.pk, old = None, Token(type=Token.Type.ACCESS_TOKEN, client=fetched.client, expires_at=now)
        old.set_value("fetched")
        old.save()
    kept = reply()
    Client().force_login(bob.user)
    live = create_client_token(name="live", scopes=[])
    purge()
    assert list(IdempotentReply.objects.all()) == [kept]
    assert Session.objects.count() == 1
    assert Token.objects.by_value(live).exists()
    # the one with a name stays in the list, the one that a client fetched is gone
    assert sorted(ApiToken.objects.values_list("name", flat=True)) == ["live", "long gone"]
    assert Token.objects.count() == 2
    with time_machine.travel(now + dt.timedelta(days=91)):
        purge()
    assert list(ApiToken.objects.values_list("name", flat=True)) == ["live"]


def test_erasure_leaves_no_trace_of_a_member_in_this_room(bob: Any, carol: Any) -> None:
    Client().force_login(bob.user)
    Client().force_login(carol.user)
    Client().post("/accounts/login/", {"email": "BOB@thuis.example"})
    Client().post("/accounts/login/", {"email": "carol@thuis.example"})
    create_person_token(user=bob.user, name="support")
    EmailAddress.objects.create(user=bob.user, email=bob.email)
    replies = [
        reply(caller=f"user:{bob.user_id}"),
        reply(body=f'{{"id":"{bob.uid}"}}'),
        reply(body='{"email":"bob@thuis.example"}'),
    ]
    others = reply(body='{"name":"somebody else"}')
    user_id, member = bob.user_id, Member.objects.get(pk=bob.pk)
    Member.objects.filter(pk=bob.pk).delete()
    personal_data.erase(member)
    personal_data.erase(member)  # a second time does nothing
    assert not User.objects.filter(pk=user_id).exists()
    assert list(IdempotentReply.objects.all()) == [others]
    assert len(replies) == 3
    assert not ApiToken.objects.exists() and not Token.objects.exists() and not EmailAddress.objects.exists()
    # carol's session and her unfinished login are still there
    assert sorted(Session.objects.values_list("user", flat=True), key=str) == sorted([None, carol.user_id], key=str)


def test_somebody_of_hr_who_is_erased_as_a_member_can_still_do_their_work(author: User, bob: Any) -> None:
    Member.objects.filter(pk=bob.pk).update(user=author)
    member = Member.objects.get(pk=bob.pk)
    Member.objects.filter(pk=bob.pk).delete()
    personal_data.erase(member)
    assert User.objects.filter(pk=author.pk, is_staff=True).exists()


def test_the_export_says_what_is_known_of_the_login(bob: Any) -> None:
    create_person_token(user=bob.user, name="support")
    found = personal_data.export(bob)
    assert found["login"]["email"] == "bob@thuis.example"
    assert [token["name"] for token in found["tokens"]] == ["support"]
    Member.objects.filter(pk=bob.pk).update(user=None)
    assert personal_data.export(Member.objects.get(pk=bob.pk)) == {}
