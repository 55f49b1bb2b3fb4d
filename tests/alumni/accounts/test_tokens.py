"""Tokens: made, used, listed and revoked; and clients that fetch their own."""

import base64
import datetime as dt
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.models import ApiToken, User
from backend.http.scopes import HasScope
from tests.conftest import Api


def run(*args: str) -> str:
    out = StringIO()
    call_command("token", *args, stdout=out)
    return out.getvalue()


def create(*args: str) -> str:
    """The ready token, as a script would take it: the last line."""
    return run("create", *args).strip().splitlines()[-1]


class Probe(APIView):
    permission_classes = [HasScope("members:read")]

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("api/v1/probe/", Probe.as_view()), path("", include("backend.urls"))]


@pytest.fixture(autouse=True)
def with_a_probe(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def who(token: str) -> int:
    """200 when the token has members:read, 403 when it is known but has not, 401 when it is not known."""
    return int(Api(token).get("/probe/").status_code)


def all_tables() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in ("allauth_idp_oidc_token", "allauth_idp_oidc_client", "alumni_apitoken"):
            cursor.execute(f"SELECT * FROM {table}")
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def test_a_ready_token_stands_alone_on_the_last_line_and_is_stored_hashed(db: None) -> None:
    token = create("warehouse", "--scope", "members:read", "--scope", "posts:read,digests:read")
    assert len(token) >= 43
    assert " " not in token
    assert token not in all_tables()
    row = ApiToken.objects.get()
    assert (row.name, row.user, row.token.get_scopes()) == (
        "warehouse",
        None,
        ["members:read", "posts:read", "digests:read"],
    )
    assert row.token.expires_at.date() == dt.datetime.now(dt.UTC).date() + dt.timedelta(days=365)


def test_a_token_opens_what_its_scopes_say(db: None) -> None:
    assert who(create("reader", "--scope", "members:read")) == 200
    assert who(create("other", "--scope", "digests:read")) == 403


def test_a_person_token_has_the_roles_of_the_moment(author: User) -> None:
    token = create("script", "--user", "Marieke@maasveld.example")
    assert who(token) == 200
    author.groups.clear()
    assert who(token) == 403
    User.objects.filter(pk=author.pk).update(is_active=False)
    assert who(token) == 401


def test_a_members_token_is_the_members(bob: Any) -> None:
    token = create("support", "--member", "bob@thuis.example")
    assert who(token) == 403
    assert ApiToken.objects.get().user == bob.user


def test_a_token_ends_on_its_day(db: None) -> None:
    token = create("brief", "--scope", "members:read", "--days", "1")
    assert who(token) == 200
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=2)):
        assert who(token) == 401


def test_revocation_works_at_once_and_for_every_token_of_the_name(db: None) -> None:
    one, two = (create("robot", "--scope", "members:read") for _ in range(2))
    other = create("robot2", "--scope", "members:read")
    assert "revoked" in run("revoke", "robot")
    assert [who(one), who(two), who(other)] == [401, 401, 200]
    with pytest.raises(CommandError, match="no live token"):
        run("revoke", "robot")


def test_the_day_of_last_use_is_written_once_a_day(db: None, django_assert_num_queries: Any) -> None:
    token = create("robot", "--scope", "members:read")
    assert ApiToken.objects.get().last_used_on is None
    who(token)
    assert ApiToken.objects.get().last_used_on == dt.datetime.now(dt.UTC).date()
    ApiToken.objects.update(name="seen")
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)):
        who(token)
        assert ApiToken.objects.get().last_used_on == dt.datetime.now(dt.UTC).date()


def test_the_list_shows_everything_but_the_tokens(author: User) -> None:
    tokens = [create("robot", "--scope", "members:read"), create("script", "--user", author.email)]
    listed = run("list")
    assert "robot" in listed
    assert author.email in listed
    assert not any(token in listed for token in tokens)


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("x", "--scope", "members:fly"), "There is no scope members:fly"),
        (("x", "--user", "nobody@maasveld.example"), "Nobody of HR"),
        (("x", "--user", "bob@thuis.example"), "Nobody of HR"),
        (("x", "--member", "marieke@maasveld.example"), "No member who opted in"),
        (("x", "--scope", "members:read", "--days", "0"), "1 to 3650 days"),
        (("a\nb", "--scope", "members:read"), "on one line"),
        (("x",), "required"),
        (("x", "--scope", "members:read", "--user", "marieke@maasveld.example"), "not allowed with"),
    ],
)
def test_mistakes_are_said_and_make_nothing(bob: Any, author: User, args: tuple[str, ...], word: str) -> None:
    with pytest.raises(CommandError, match=word):
        run("create", *args)
    assert not ApiToken.objects.exists()


# --- client credentials


def fetch(body: dict[str, str], *, basic: tuple[str, str] | None = None) -> Any:
    headers = {}
    if basic:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    return Client().post("/identity/o/api/token", {"grant_type": "client_credentials", **body}, headers=headers)


@pytest.fixture
def client_keys(db: None) -> tuple[str, str]:
    lines = dict(line.split("=", 1) for line in run("client", "crm", "--scope", "members:read").splitlines()[-2:])
    return lines["client_id"], lines["client_secret"]


@pytest.mark.parametrize("how", ["basic", "post"])
def test_a_client_fetches_its_own_token(client_keys: tuple[str, str], how: str) -> None:
    identifier, secret = client_keys
    body = {} if how == "basic" else {"client_id": identifier, "client_secret": secret}
    answer = fetch(body | {"scope": "members:read"}, basic=client_keys if how == "basic" else None)
    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600
    assert who(answer.json()["access_token"]) == 200
    assert secret not in all_tables()
    assert answer.json()["access_token"] not in all_tables()


def test_without_a_scope_a_client_gets_those_it_was_given(client_keys: tuple[str, str]) -> None:
    answer = fetch({}, basic=client_keys)
    assert answer.json()["scope"] == "members:read"


@pytest.mark.parametrize(
    ("body", "wrong_secret", "status", "error"),
    [
        ({"scope": "members:write"}, False, 400, "invalid_scope"),
        ({"scope": "members:read"}, True, 401, "invalid_client"),
        ({"grant_type": "password", "username": "x", "password": "y"}, False, 400, None),
        ({"grant_type": "authorization_code", "code": "x"}, False, 400, None),
        ({"grant_type": "nothing"}, False, 400, None),
        ({"grant_type": ""}, False, 400, None),
    ],
)
def test_what_a_client_may_not_have_it_does_not_get(
    client_keys: tuple[str, str], body: dict[str, str], wrong_secret: bool, status: int, error: str | None
) -> None:
    keys = (client_keys[0], "wrong" if wrong_secret else client_keys[1])
    answer = fetch(body, basic=keys)
    assert answer.status_code == status
    assert error is None or answer.json()["error"] == error
    assert "access_token" not in answer.json()


def test_a_new_secret_ends_the_old_one_and_what_it_fetched(client_keys: tuple[str, str]) -> None:
    fetched = fetch({}, basic=client_keys).json()["access_token"]
    run("client", "crm", "--scope", "members:read")
    assert fetch({}, basic=client_keys).status_code == 401
    assert who(fetched) == 401


def test_a_revoked_client_fetches_nothing_and_its_tokens_end(client_keys: tuple[str, str]) -> None:
    fetched = fetch({}, basic=client_keys).json()["access_token"]
    run("revoke", "crm")
    assert who(fetched) == 401
    assert fetch({}, basic=client_keys).status_code in {400, 401}


def test_a_client_with_a_ready_token_only_cannot_fetch_more(db: None) -> None:
    create("robot", "--scope", "members:read")
    from allauth.idp.oidc.models import Client as OidcClient

    client = OidcClient.objects.get()
    assert fetch({}, basic=(client.id, "")).status_code in {400, 401}
    assert client.get_grant_types() == []
