"""The demonstration: every state that there is, by the same doors that people use."""

import json
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from alumni.accounts.models import ApiToken, User
from alumni.consent.models import ConsentEvent
from alumni.joining.models import Import, ImportState, Invitation
from alumni.members.models import Member
from notifications.demo import network
from notifications.demo.people import PEOPLE
from notifications.mail.models import ServiceMail
from notifications.posts.models import Kind, Post, PostState, Review

pytestmark = pytest.mark.django_db


def demo(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("demo", "--json", *arguments, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_an_empty_database_is_filled_once_and_gets_new_tokens_each_time(api_of: Any) -> None:
    first = demo()
    assert first["made"]

    posts = Counter(Post.objects.exclude(source="demo").values_list("kind", "state"))
    assert {kind for kind, _state in posts} == set(Kind.values)
    assert {state for _kind, state in posts} == set(PostState.values)
    assert Post.objects.filter(source="demo", state=PostState.PUBLISHED).count() > 10
    assert Review.objects.filter(decision="sent_back").count() == 1
    assert not Review.objects.exclude(decided_by=None).filter(decided_by__email="marieke@maasveld.example").exists()

    assert Member.objects.joined().count() == len(PEOPLE)
    assert Member.objects.filter(joined_at=None).exists()
    assert set(Import.objects.values_list("state", flat=True)) == {ImportState.APPLIED}
    assert Invitation.objects.count() == ServiceMail.objects.filter(kind="invitation").count() == network.INVITED
    assert not Member.objects.exclude(email__endswith=".example").exists()
    call_command("verify_ledger", stdout=StringIO())

    before = (Member.objects.count(), Post.objects.count(), ConsentEvent.objects.count(), User.objects.count())
    second = demo()
    assert not second["made"]
    assert before == (Member.objects.count(), Post.objects.count(), ConsentEvent.objects.count(), User.objects.count())
    assert set(first["tokens"]) == set(second["tokens"]) == {"author", "approver", "integration"}
    assert ApiToken.objects.filter(revoked_at=None).count() == 3
    api = api_of()
    for who, path in (("author", "/posts/"), ("approver", "/posts/"), ("integration", "/digests/")):
        assert api.get(path, headers={"Authorization": f"Bearer {first['tokens'][who]}"}).status_code == 401
        assert api.get(path, headers={"Authorization": f"Bearer {second['tokens'][who]}"}).status_code == 200


def test_somebodys_own_network_is_left_alone(alice: Member, author: User) -> None:
    Member.objects.filter(pk=alice.pk).update(email="alice@thuis.nl")
    assert demo() == {"made": False, "tokens": {}, "staff": {}}
    with pytest.raises(CommandError, match="Nothing was thrown away"):
        demo("--reset")
    assert Member.objects.count() == 1
    assert ApiToken.objects.count() == 0
