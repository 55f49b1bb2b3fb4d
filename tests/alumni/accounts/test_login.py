"""Login by a code by mail: on the pages, and for apps."""

import datetime as dt
import email as email_parser
import email.policy
import re
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alumni.accounts.models import Organisation, Session, User
from notifications.mail.models import ServiceMail

APP = "/_allauth/app/v1/auth"
CODE = re.compile(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")


def the_mail() -> Any:
    mail = ServiceMail.objects.get()
    return email_parser.message_from_bytes(bytes(mail.body), policy=email.policy.default)


def the_code() -> str:
    return CODE.search(the_mail()["Subject"]).group(1)


def ask(client: Client, address: str) -> Any:
    return client.post("/accounts/login/", {"email": address})


def ask_app(client: Client, address: str) -> Any:
    return client.post(f"{APP}/code/request", {"email": address}, content_type="application/json")


# --- the pages


def test_a_member_logs_in_with_the_code_from_their_mailbox(bob: Any, client: Client) -> None:
    assert client.get("/accounts/login/").status_code == 200
    answer = ask(client, "bob@thuis.example")
    assert answer["Location"] == "/accounts/login/code/"
    page = client.get("/accounts/login/code/")
    assert "bob@thuis.example" in page.content.decode()
    answer = client.post("/accounts/login/code/", {"code": the_code()})
    assert answer["Location"] == django_settings.LOGIN_REDIRECT_URL
    assert client.session["_auth_user_id"] == str(bob.user_id)


def test_the_code_comes_in_the_members_own_language(carol: Any, client: Client) -> None:
    ask(client, "carol@thuis.example")
    mail = ServiceMail.objects.get()
    assert (mail.kind, mail.member, mail.user) == ("login_code", carol, carol.user)
    assert the_mail()["Subject"] == f"{the_code()} is your code for Maasveld-netwerk"
    assert "It works for 10 minutes, once." in the_mail().get_body(("plain",)).get_content()


def test_the_dutch_code_mail_has_its_own_words(bob: Any, client: Client) -> None:
    client.post("/accounts/login/", {"email": "bob@thuis.example"}, headers={"accept-language": "en"})
    assert the_mail()["Subject"] == f"{the_code()} is je code voor Maasveld-netwerk"
    assert "Hij werkt 10 minuten en één keer." in the_mail().get_body(("plain",)).get_content()


def test_people_of_hr_get_a_staff_mail_and_land_in_the_back_office(author: User, client: Client) -> None:
    ask(client, "Marieke@Maasveld.example")
    mail = ServiceMail.objects.get()
    assert (mail.kind, mail.to, mail.user) == ("staff_login_code", "marieke@maasveld.example", author)
    assert client.post("/accounts/login/code/", {"code": the_code()})["Location"] == "/office/"


def test_login_goes_on_to_the_page_that_was_asked_for(author: User, client: Client) -> None:
    at_login = client.get("/office/alumni/member/", follow=True)
    assert at_login.redirect_chain[-1][0].startswith("/accounts/login/?next=%2Foffice%2Falumni%2Fmember%2F")
    answer = client.post("/accounts/login/", {"email": author.email, "next": "/office/alumni/member/"})
    answer = client.post(answer["Location"], {"code": the_code(), "next": "/office/alumni/member/"})
    assert answer["Location"] == "/office/alumni/member/"


def test_login_does_not_lead_to_another_site(author: User, client: Client) -> None:
    ask(client, author.email)
    answer = client.post("/accounts/login/code/", {"code": the_code(), "next": "https://evil.example/"})
    assert answer["Location"] == "/office/"


@pytest.mark.parametrize("how", ["wrong", "used", "expired"])
def test_a_code_works_once_and_for_ten_minutes(bob: Any, client: Client, how: str) -> None:
    ask(client, "bob@thuis.example")
    code = the_code()
    if how == "used":
        client.post("/accounts/login/code/", {"code": code})
        client.post("/accounts/logout/")
        ServiceMail.objects.all().delete()
        ask(client, "bob@thuis.example")
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11 if how == "expired" else 0)
    with time_machine.travel(moment, tick=False):
        client.post("/accounts/login/code/", {"code": "AAAA-AAAA" if how == "wrong" else code})
    assert "_auth_user_id" not in client.session


def test_three_wrong_codes_end_the_attempt(bob: Any, client: Client) -> None:
    ask(client, "bob@thuis.example")
    for _ in range(3):
        client.post("/accounts/login/code/", {"code": "AAAA-AAAA"})
    client.post("/accounts/login/code/", {"code": the_code()})
    assert "_auth_user_id" not in client.session


def test_looking_at_the_login_sends_nothing_and_logs_nobody_out(bob: Any, client: Client) -> None:
    client.get("/accounts/login/?email=bob@thuis.example")
    client.head("/accounts/login/")
    assert not ServiceMail.objects.exists()
    client.force_login(bob.user)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session


def test_a_login_form_of_another_site_is_refused(bob: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert ask(client, "bob@thuis.example").status_code == 403
    assert not ServiceMail.objects.exists()


def test_who_mistyped_the_address_can_start_again(bob: Any, client: Client) -> None:
    ask(client, "bbo@thuis.example")
    assert client.get("/accounts/login/").status_code == 200


# --- for apps


def test_an_app_logs_in_with_a_code_and_calls_the_api_with_the_session_token(bob: Any, client: Client) -> None:
    pending = ask_app(client, "bob@thuis.example")
    assert pending.status_code == 401
    assert {"id": "login_by_code", "is_pending": True} in pending.json()["data"]["flows"]
    token = pending.json()["meta"]["session_token"]
    headers = {"X-Session-Token": token}
    wrong = client.post(f"{APP}/code/confirm", {"code": "AAAA-AAAA"}, content_type="application/json", headers=headers)
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (400, "incorrect_code")
    right = client.post(f"{APP}/code/confirm", {"code": the_code()}, content_type="application/json", headers=headers)
    assert right.status_code == 200
    assert right.json()["data"]["user"]["id"] == str(bob.user.uid)
    fresh = right.json()["meta"]["session_token"]
    assert fresh != token
    who = client.get(f"{APP}/session", headers={"X-Session-Token": fresh})
    assert who.json()["data"]["user"]["email"] == "bob@thuis.example"
    # the token of before the login opens nothing any more
    assert client.get(f"{APP}/session", headers=headers).status_code == 410
    gone = client.delete(f"{APP}/session", headers={"X-Session-Token": fresh})
    assert gone.status_code == 401
    assert client.get(f"{APP}/session", headers={"X-Session-Token": fresh}).status_code == 410


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"email": "' + b"x" * 20_000 + b'"}']
)
@pytest.mark.parametrize("path", ["code/request", "code/confirm", "session"])
def test_no_body_breaks_the_login_of_apps(bob: Any, body: bytes, path: str) -> None:
    client = Client(raise_request_exception=False)
    token = ask_app(client, "bob@thuis.example").json()["meta"]["session_token"]
    answer = client.post(f"{APP}/{path}", body, content_type="application/json", headers={"X-Session-Token": token})
    assert answer.status_code in {400, 401, 405, 409}
    assert ServiceMail.objects.count() == 1


@pytest.mark.parametrize(
    "address", ['"a b"@thuis.example', "a@xn--0.example", "a@[127.0.0.1]", "ä@thuis.example", "a\x00@b.nl"]
)
def test_no_address_breaks_the_login(organisation: Organisation, address: str) -> None:
    client = Client(raise_request_exception=False)
    assert ask(client, address).status_code in {200, 302}
    assert ask_app(client, address).status_code in {400, 401}


def test_a_session_token_that_is_wrong_is_401_also_for_what_everybody_may_read(db: None, client: Client) -> None:
    answer = client.get(f"{APP}/session", headers={"X-Session-Token": "x" * 32})
    assert answer.status_code == 410


# --- nobody learns who is in the network


def cost(queries: CaptureQueriesContext) -> list[str]:
    """The queries without their values."""
    return [re.sub(r"'.*|\"s\d+_x\d+\"|\d+", "", query["sql"]) for query in queries]


def masked(answer: Any, address: str) -> tuple[Any, ...]:
    """All that a caller sees, without the random parts and the address that they typed themselves."""
    body = answer.content.decode().replace(address, "@")
    body = re.sub(r'"session_token": "[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"', "", body)
    headers = {name: value for name, value in answer.headers.items() if name not in {"Content-Length", "Expires"}}
    return answer.status_code, body, headers, sorted(answer.cookies)


class ByPage:
    """The three steps that somebody takes who tries out whether an address is known: on the pages."""

    def __init__(self, address: str) -> None:
        self.address, self.client = address, Client()

    def ask(self) -> Any:
        return ask(self.client, self.address)

    def look(self) -> Any:
        return self.client.get("/accounts/login/code/")

    def guess(self) -> Any:
        return self.client.post("/accounts/login/code/", {"code": "AAAA-AAAA"})


class ByApp(ByPage):
    """The same, as an app."""

    def ask(self) -> Any:
        answer = ask_app(self.client, self.address)
        self.headers = {"X-Session-Token": answer.json()["meta"]["session_token"]}
        return answer

    def look(self) -> Any:
        return self.client.get(f"{APP}/session", headers=self.headers)

    def guess(self) -> Any:
        body = {"code": "AAAA-AAAA"}
        path = f"{APP}/code/confirm"
        return self.client.post(path, body, headers=self.headers, content_type="application/json")


def steps_of(login: ByPage) -> list[tuple[Any, list[str]]]:
    found = []
    for step in (login.ask, login.look, login.guess):
        with CaptureQueriesContext(connection) as queries:
            answer = step()
        found.append((masked(answer, login.address), sorted(cost(queries))))
    return found


@pytest.mark.parametrize("known", ["bob@thuis.example", "marieke@maasveld.example"])
@pytest.mark.parametrize("way", [ByPage, ByApp])
def test_a_stranger_sees_what_somebody_known_sees_at_the_same_cost(
    bob: Any, author: User, known: str, way: type[ByPage]
) -> None:
    ServiceMail.objects.all().delete()
    assert steps_of(way(known)) == steps_of(way("stranger@nergens.example"))
    kinds = set(ServiceMail.objects.values_list("kind", flat=True))
    assert kinds in ({"none", "login_code"}, {"none", "staff_login_code"})
    sizes = [len(bytes(mail.body)) for mail in ServiceMail.objects.all()]
    assert max(sizes) - min(sizes) < 100


def test_the_row_for_a_stranger_does_not_hold_their_address(organisation: Organisation, client: Client) -> None:
    ask(client, "stranger@nergens.example")
    mail = ServiceMail.objects.get()
    assert mail.kind == "none"
    assert b"stranger" not in bytes(mail.body)
    assert "stranger" not in mail.to


def test_somebody_switched_off_gets_no_code(bob: Any, client: Client) -> None:
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    ask(client, "bob@thuis.example")
    assert ServiceMail.objects.get().kind == "none"


def test_codes_for_one_address_are_limited(bob: Any, client: Client) -> None:
    for _ in range(6):
        ask(Client(), "bob@thuis.example")
    assert ServiceMail.objects.count() == 3
    answers = {ask_app(Client(), "bob@thuis.example").status_code, ask_app(Client(), "BOB@thuis.example").status_code}
    assert answers == {400}


def test_a_forged_forwarded_address_does_not_widen_the_limit(organisation: Organisation) -> None:
    statuses = [
        Client(headers={"X-Forwarded-For": f"10.0.0.{n}"})
        .post(f"{APP}/code/request", {"email": f"p{n}@thuis.example"}, content_type="application/json")
        .status_code
        for n in range(25)
    ]
    assert statuses.count(401) == 20
    assert set(statuses[20:]) == {400}


# --- the back office has no door of its own


@pytest.mark.parametrize("path", ["/office/login/", "/office/"])
def test_the_back_office_sends_strangers_to_the_login(organisation: Organisation, client: Client, path: str) -> None:
    answer = client.get(path, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert client.post("/office/login/", {"username": "x", "password": "y"}).status_code == 405


def test_a_member_does_not_get_into_the_back_office(bob: Any, browser_of: Any) -> None:
    browser = browser_of(bob.user)
    assert browser.get("/office/", follow=True).status_code == 403
    assert browser.get("/office/alumni/member/", follow=True).status_code == 403


def test_sessions_are_counted_for_their_user(bob: Any, client: Client) -> None:
    client.force_login(bob.user)
    assert Session.objects.get().user == bob.user
