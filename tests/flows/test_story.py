"""The whole story, through the doors that people and programs use: files, mails, links, pages and the API."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from alumni.accounts.models import User
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.members.models import Member
from notifications.digests.models import Digest, DigestItem, RunPost
from notifications.mail import outbox
from notifications.posts.models import Post
from tests.faults.smtp_server import LyingServer

EXAMPLES = Path(__file__).parents[2] / "examples"
YES_TO_ALL = {"newspaper": "yes", "secrets": "yes", "respectful": "yes", "right": "yes", "ask_first": "no"}
GIG = {
    "texts": {
        "nl": {
            "title": "Rapportage van de meldkamer herbouwen",
            "summary": "De wekelijkse cijfers kosten nu twee dagen handwerk. Dat kan in een uur.",
            "body": "Eén gecontroleerde tabel, en een rapport dat zichzelf vult.",
        }
    },
    "audience": "everybody",
    "visibility": "public",
    "terms": {
        "pay": {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"},
        "hours_max": 24,
        "place": "Utrecht",
        "start": "2027-03-01",
    },
    "skills": [{"name": "PostgreSQL", "required": True}, {"name": "Python"}],
}


@pytest.fixture
def post_office(settings: Any) -> Iterator[LyingServer]:
    """A real SMTP server that tells the truth."""
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


def _mail_to(server: LyingServer, address: str) -> list[EmailMessage]:
    return [received.parsed for received in server.accepted if received.to == address]


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _link(mail: EmailMessage, prefix: str) -> str:
    """The path of the first link in the text part whose path begins so."""
    found = [urlsplit(url).path for url in re.findall(r"https?://\S+", _text(mail))]
    return next(path for path in found if path.startswith(prefix))


def _publish(author: Any, approver: Any, kind: str, body: dict[str, Any]) -> str:
    post = author.post(f"/{kind}/", body)
    assert post.status_code == 201, post.content
    uid = post.json()["id"]
    assert author.post(f"/posts/{uid}/submit/").status_code == 200
    assert author.post(f"/posts/{uid}/approve/", {"decision": "approved", "answers": YES_TO_ALL}).status_code == 403
    approved = approver.post(f"/posts/{uid}/approve/", {"decision": "approved", "answers": YES_TO_ALL})
    assert approved.status_code == 200, approved.content
    assert approver.post(f"/posts/{uid}/publish/").status_code == 200
    return str(uid)


def _leavers_import(author: User) -> Member:
    """Leavers come in from a messy export; it gives nobody consent. Returns one who said yes at their exit."""
    call_command("import_members", str(EXAMPLES / "leavers.csv"), "--source", "hr-export")
    members, events = Member.objects.count(), ConsentEvent.objects.count()
    assert members > 100
    assert events == 0
    call_command("import_members", str(EXAMPLES / "leavers.csv"), "--source", "hr-export")
    assert Member.objects.count() == members
    person = Member.objects.filter(permission_remark="yes", language="nl", invitations=None).first()
    assert person is not None
    return person


@pytest.mark.usefixtures("transactional_ledger")
def test_from_a_messy_export_to_a_digest_a_draft_and_a_clean_goodbye(
    post_office: LyingServer,
    notices: None,
    author: User,
    approver: User,
    api_of: Callable[..., Any],
    tmp_path: Path,
) -> None:
    hr, second, program = api_of(author), api_of(approver), api_of(scopes=["digests:read", "drafts:read"])
    person = _leavers_import(author)

    # Invite and opt in: only the POST writes, and it writes what was ticked.
    assert (
        hr.post(f"/members/{person.uid}/invite/", {"reason": "Vroeg er zelf om bij het exitgesprek."}).status_code
        == 201
    )
    assert hr.post(f"/members/{person.uid}/invite/", {"reason": "Nog eens."}).status_code == 409
    outbox.deliver()
    [invitation] = _mail_to(post_office, person.email)
    page = _link(invitation, "/invited/")
    visitor = Client()
    assert visitor.get(page).status_code == 200
    assert ConsentEvent.objects.count() == 0
    visitor.post(page, {"answer": "confirm", "purposes": ["gigs", "matching"]})
    states = dict(ConsentState.objects.filter(member=person).values_list("purpose", "state"))
    assert states == {"gigs": "given", "matching": "given", "vacancies": "refused", "updates": "refused"}

    # The member says what they can do; HR posts a gig and a vacancy, and sees whom each reaches.
    member = api_of(Member.objects.get(pk=person.pk))
    assert member.put("/me/skills/", {"skills": ["postgres", "Python"]}).status_code in {200, 201}
    gig = _publish(hr, second, "gigs", GIG)
    vacancy = _publish(
        hr,
        second,
        "vacancies",
        GIG
        | {"texts": {"nl": {"title": "Beheerder gemalen"}}}
        | {"terms": {"pay": {"min": "3200.00", "max": "4100.00", "currency": "EUR", "unit": "month"}}},
    )
    reach = hr.get(f"/posts/{gig}/audience/").json()
    assert reach["reached"] == 1
    assert reach["reached"] + sum(reach["reasons"].values()) == reach["total"]

    # One digest, with the gig only, and the reason in words.
    call_command("run_digests", "--now")
    outbox.deliver()
    digests = [mail for mail in _mail_to(post_office, person.email) if mail["List-Unsubscribe"]]
    assert len(digests) == 1
    assert GIG["texts"]["nl"]["title"] in _text(digests[0])
    assert "Beheerder gemalen" not in _text(digests[0])
    assert "omdat je PostgreSQL" in " ".join(_text(digests[0]).split())
    assert DigestItem.objects.count() == 1
    for post in (gig, vacancy):
        counted = sum(RunPost.objects.filter(post__uid=post).values_list("n", flat=True))
        assert counted == Member.objects.joined().count()
    call_command("run_digests", "--now", "--everybody")
    assert Digest.objects.count() == 1

    # A draft lies ready; a program fetches the digest without the member's own links, and the week's edition.
    [draft] = program.get("/drafts/?channel=linkedin_group&state=ready").json()["results"][:1]
    assert len(draft["text"]) <= 3000
    digest = Digest.objects.get()
    fetched = program.get(f"/digests/{digest.uid}/", headers={"Accept": "text/html"})
    assert GIG["texts"]["nl"]["title"] in fetched.content.decode()
    assert "/u/" not in fetched.content.decode()
    assert program.get("/editions/").status_code == 200

    # One click in the mail program: withdrawn at once, and nothing more leaves.
    unsubscribe = re.search(r"<(https?://[^>]+)>", digests[0]["List-Unsubscribe"])
    assert unsubscribe is not None
    path = urlsplit(unsubscribe[1]).path
    assert Client().get(path).status_code == 200
    assert ConsentState.objects.get(member=person, purpose="gigs").state == "given"
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ConsentState.objects.get(member=person, purpose="gigs").state == "withdrawn"
    _publish(hr, second, "gigs", GIG | {"texts": {"nl": {"title": "Nog een klus", "summary": "Kort."}}})
    call_command("run_digests", "--now", "--everybody")
    assert Digest.objects.count() == 1

    # Closing withdraws the draft; the ledger verifies; erasing leaves it verifiable.
    assert second.post(f"/posts/{gig}/close/").status_code == 200
    assert Post.objects.get(uid=gig).drafts.get().state == "withdrawn"
    call_command("export_ledger", "--output", str(tmp_path / "ledger.jsonl"))
    assert member.delete("/me/").status_code in {202, 204}
    call_command("verify_ledger")
    assert not Member.objects.filter(email=person.email).exists()


@pytest.mark.usefixtures("transactional_ledger")
def test_who_signs_up_twice_is_answered_alike_and_joins_once(
    post_office: LyingServer, notices: None, api_of: Callable[..., Any]
) -> None:
    sign_up = {"given_name": "Noor", "family_name": "Bakker", "email": "noor@noorbakker.example", "kind": "freelancer"}
    first = api_of().post("/join/", sign_up)
    outbox.deliver()
    [opt_in] = _mail_to(post_office, "noor@noorbakker.example")
    token = _link(opt_in, "/join/").strip("/").split("/")[-1]
    confirmed = api_of().post("/join/confirm/", {"token": token, "consents": {"gigs": True, "updates": False}})
    assert confirmed.status_code in {200, 201}, confirmed.content

    again = api_of().post("/join/", sign_up)
    assert (first.status_code, first.content) == (again.status_code, again.content) == (202, first.content)
    outbox.deliver()
    subjects = [mail["Subject"] for mail in _mail_to(post_office, "noor@noorbakker.example")]
    assert len(subjects) == len(set(subjects)) == 3  # confirm, the receipt, 'you are a member already'
    assert Member.objects.count() == 1


@pytest.mark.usefixtures("transactional_ledger")
def test_an_integration_brings_a_file_and_reads_what_was_wrong_with_it(
    notices: None, api_of: Callable[..., Any], tmp_path: Path
) -> None:
    hr_system = api_of(scopes=["members:write", "members:read"])
    lines = (
        "Voornaam;Achternaam;E-mail;Datum in dienst;Datum uit dienst",
        "Anna;Smit;anna@thuis.example;01-02-2020;31-10-2026",
        "Piet;Kuiper;piet@;01-02-2020;31-10-2026",
    )
    upload = tmp_path / "leavers.csv"
    upload.write_bytes("\r\n".join(lines).encode("cp1252"))
    with upload.open("rb") as stream:
        created = hr_system.client.post("/api/v1/imports/", {"file": stream, "source": "hr"}, headers=hr_system.headers)
    assert created.status_code == 202, created.content
    batch = created.json()["id"]
    from alumni.joining import tasks

    tasks.sweep()
    assert hr_system.post(f"/imports/{batch}/apply/").status_code == 202
    tasks.sweep()
    report = hr_system.get(f"/imports/{batch}/").json()
    assert report["state"] == "applied", json.dumps(report)
    assert list(Member.objects.values_list("email", flat=True)) == ["anna@thuis.example"]
    errors = b"".join(hr_system.get(f"/imports/{batch}/errors.csv").streaming_content)
    rows = list(csv.reader(io.StringIO(errors.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert "piet" not in ",".join(rows[0])
