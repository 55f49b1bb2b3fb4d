"""A member who left a trace in every room is erased; a dump of the database then holds no word of theirs."""

import datetime as dt
import io
import json
import logging
import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from structlog.stdlib import ProcessorFormatter

from alumni.accounts.sessions import SessionStore
from alumni.consent import export, suppression, verifier
from alumni.consent.models import ConsentEvent, ConsentEvidence
from alumni.joining import imports
from alumni.members.models import Member
from alumni.privacy import registry
from notifications.digests import deliver, runs
from notifications.digests.models import Digest
from notifications.mail import outbox
from notifications.mail.models import ServiceMail
from tests.faults.smtp_server import LyingServer

EMAIL = "zebulon.quackelbeen@thuis.example"
# Words that nobody else uses, and where each got into the database.
WORDS = {
    "zebulon": "the import",
    "quackelbeen": "the import",
    EMAIL: "the import",
    "hoofdklokkenmaker": "the import: role",
    "torenuurwerken": "the import: department",
    "kuitaart": "the import: city",
    "rommelkade": "the reason of the invitation",
    "speelklokstemmen": "a skill of their own",
    "slingerwerk": "the trade name",
    "87654321": "the KvK number",
    "gewichtenloop": "the log of the back office",
    "203.0.113.0": "the evidence of the opt-in",
    "firefox 145": "the evidence of the opt-in",
}
# The tables in which words of theirs stand before the erasure: all that can hold one.
HOLDING = {
    *("alumni_member", "alumni_employment", "alumni_freelanceprofile", "alumni_skill", "alumni_user"),
    *("alumni_importrow", "alumni_invitation", "alumni_optin", "alumni_session", "alumni_consentevidence"),
    *("django_admin_log", "notifications_servicemail"),
}
CSV = (
    "Personeelsnr.;Voornaam;Achternaam;E-mail privé;Functie;Afdeling;Datum in dienst;Datum uit dienst;Woonplaats;"
    "Toestemming netwerk;Taal\n"
    f"1;Zebulon;Quackelbeen;{EMAIL};Hoofdklokkenmaker;Torenuurwerken;01-02-2015;31-10-2026;Kuitaart;ja;nl\n"
    f"2;Zebulon;Quackelbeen;{EMAIL};Hoofdklokkenmaker;Torenuurwerken;31-02-2015;31-10-2026;Kuitaart;ja;nl\n"
    "3;Zebulon;Quackelbeen;geen adres;Hoofdklokkenmaker;Torenuurwerken;01-02-2015;31-10-2026;Kuitaart;ja;nl\n"
    "4;Marijn;Ander;marijn.ander@thuis.example;Beheerder;IT;01-02-2015;31-10-2026;Utrecht;ja;nl\n"
)
GIG = {
    "texts": {"nl": {"title": "Rapportage herbouwen", "summary": "In een uur.", "body": "Een tabel."}},
    "audience": "everybody",
    "terms": {"pay": {"min": "85.00", "max": "95.00", "currency": "EUR", "unit": "hour"}, "hours_max": 24},
    "skills": [{"name": "Python"}],
}
ANSWERS = {"newspaper": "yes", "secrets": "yes", "respectful": "yes", "right": "yes", "ask_first": "no"}
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Accept-Language": "nl",
}


@pytest.fixture
def post_office(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def log_lines():
    """What the log would hold: every line as the configured formatter writes it."""
    configured = next(h for h in logging.getLogger().handlers if isinstance(h.formatter, ProcessorFormatter))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(configured.formatter)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def dump() -> str:
    """Every value of every table, as one text in small letters; sessions unpacked."""
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    parts.append(f"{table}.{name}: {_text(name, value)}")
    return "\n".join(parts).casefold()


def _text(name: str, value: object) -> str:
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode("utf-8", "replace").replace("=\r\n", "")
    if name == "session_data":
        return json.dumps(SessionStore().decode(str(value)), default=str)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def file_bytes() -> bytes:
    """SQLite's own file, with what deleted rows left in it; nothing of PostgreSQL's, which vacuums by itself."""
    if connection.vendor != "sqlite":
        return b""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert cursor.fetchone()[0] == 0
    file = Path(connection.settings_dict["NAME"])
    return b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*")).lower()


def found_in(text: str, word: str) -> list[str]:
    """The lines of a dump, or of a log, that hold a word."""
    return [line[:200] for line in text.splitlines() if word in line]


def mail_to(server: LyingServer, kind: str) -> EmailMessage:
    return next(r.parsed for r in reversed(server.accepted) if r.to == EMAIL and kind in str(r.parsed["Subject"]))


def link_in(mail: EmailMessage, prefix: str) -> str:
    text = mail.get_body(("plain",)).get_content()
    paths = [urlsplit(url).path for url in re.findall(r"https?://\S+", text)]
    return next(path for path in paths if path.startswith(prefix))


def came_in(author) -> Member:
    """An import that was applied, with refused rows, and a second that nobody applied yet."""
    first = imports.stage(source="hr", filename="vertrekkers.csv", stream=io.BytesIO(CSV.encode()), by=author)
    imports.apply(batch=first)
    imports.stage(source="hr", filename="nog-eens.csv", stream=io.BytesIO(CSV.encode()), by=author)
    return Member.objects.get(email=EMAIL)


def was_invited_and_joined(hr, member: Member, post_office: LyingServer) -> None:
    reason = {"reason": "Zebulon van de Rommelkade vroeg erom."}
    answer = hr.post(f"/members/{member.uid}/invite/", reason, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.content
    outbox.deliver()
    page = link_in(mail_to(post_office, "contact houden"), "/invited/")
    visitor = Client(headers=BROWSER, REMOTE_ADDR="203.0.113.77")
    joined = visitor.post(page, {"answer": "confirm", "purposes": ["gigs", "vacancies", "matching"]})
    assert joined.status_code == 200, joined.content
    outbox.deliver()
    assert mail_to(post_office, "om te bewaren")


def filled_in_a_profile(me) -> None:
    assert me.put("/me/skills/", {"skills": ["Python", "Speelklokstemmen"]}).status_code == 200
    answer = me.patch("/me/freelance/", {"trade_name": "Slingerwerk", "kvk": "87654321"})
    assert answer.status_code == 200, answer.content
    assert me.patch("/me/preferences/", {"frequency": "weekly", "weekday": 2, "hour": 9}).status_code == 200
    assert me.post("/me/consents/", {"consents": {"updates": True}}).status_code == 200


def publish(hr, second, title: str) -> None:
    post = hr.post("/gigs/", {**GIG, "texts": {"nl": {**GIG["texts"]["nl"], "title": title}}})
    assert post.status_code == 201, post.content
    uid = post.json()["id"]
    for caller, step, body in ((hr, "submit", {}), (second, "approve", {"decision": "approved", "answers": ANSWERS})):
        answer = caller.post(f"/posts/{uid}/{step}/", body)
        assert answer.status_code == 200, answer.content
    assert second.post(f"/posts/{uid}/publish/").status_code == 200


def got_digests(hr, second, post_office: LyingServer) -> None:
    """One that was handed over, from which they unsubscribed and came back; one that still waits."""
    publish(hr, second, "Eerste klus")
    call_command("run_digests", "--now", "--everybody", stdout=io.StringIO())
    assert Digest.objects.get().state == "handed_over"
    digest = next(r.parsed for r in reversed(post_office.accepted) if r.to == EMAIL and r.parsed["List-Unsubscribe"])
    link = urlsplit(re.search(r"<(https?://[^>]+)>", digest["List-Unsubscribe"])[1]).path
    page = Client().post(link, {"do": "unsubscribe"})
    assert page.status_code == 200
    me = Member.objects.get(email=EMAIL)
    assert me.undo_links.exists()


def left_traces_in_between(member: Member, author, post_office: LyingServer, api_of) -> None:
    """Logins that were begun, a session, a code that the server refused, a mail that waits, HR's log."""
    Client().post(
        "/api/v1/join/",
        {"email": EMAIL, "given_name": "Zebulon", "family_name": "Quackelbeen", "kind": "alumnus"},
        content_type="application/json",
    )
    Client().post("/_allauth/app/v1/auth/code/request", {"email": EMAIL}, content_type="application/json")
    post_office.lie("rcpt", f"550 5.7.1 <{EMAIL}> not today", to=EMAIL)
    outbox.deliver()
    Client().force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    Client().post("/accounts/login/", {"email": EMAIL})
    LogEntry.objects.log_actions(
        user_id=author.pk, queryset=[member], action_flag=CHANGE, change_message="Gewichtenloop bij Zebulon aangevuld"
    )


def test_a_member_with_everything_leaves_no_word_behind(
    transactional_ledger, post_office, notices, author, approver, privacy_officer, api_of, settings, tmp_path, log_lines
):
    settings.MEDIA_ROOT = tmp_path / "media"
    hr, second, officer = api_of(author), api_of(approver), api_of(privacy_officer)
    member = came_in(author)
    was_invited_and_joined(hr, member, post_office)
    member.refresh_from_db()
    me = api_of(member)
    filled_in_a_profile(me)
    got_digests(hr, second, post_office)
    assert me.post("/me/consents/", {"consents": {"gigs": True, "vacancies": True}}).status_code == 200
    publish(hr, second, "Tweede klus")
    with time_machine.travel(timezone.now() + dt.timedelta(days=8)):  # a second mail in a week is not planned
        runs.plan_all(runs.start(everybody=True))
    assert sorted(Digest.objects.values_list("state", flat=True)) == ["handed_over", "planned"]
    left_traces_in_between(member, author, post_office, api_of)
    events = ConsentEvent.objects.filter(principal_uid=member.uid).count()
    before = dump()
    assert {word: where for word, where in WORDS.items() if not found_in(before, word)} == {}
    assert connection.vendor != "sqlite" or b"hoofdklokkenmaker" in file_bytes()
    holding = {line.split(".")[0] for word in WORDS for line in found_in(before, word)}
    assert holding >= HOLDING, HOLDING - holding
    told = json.dumps(registry.export(member), ensure_ascii=False).casefold()
    assert [word for word in ("zebulon", "slingerwerk", "speelklokstemmen", "203.0.113.0") if word not in told] == []

    assert officer.delete(f"/members/{member.uid}/").status_code == 204

    # Only the last mail still has an address on it, and only until it has been handed over.
    [waiting] = ServiceMail.objects.exclude(to="")
    assert (waiting.kind, waiting.to) == ("privacy_answer", EMAIL)
    sent = len(post_office.accepted)
    outbox.deliver()
    deliver.hand_over_all()
    assert [received.to for received in post_office.accepted[sent:]] == [EMAIL]
    assert mail_to(post_office, "gewist")

    after = dump()
    assert {word: found_in(after, word) for word in WORDS if found_in(after, word)} == {}
    assert [word for word in WORDS if word.encode() in file_bytes()] == []
    # The random number that stood for them is in the consent book, and nowhere else.
    tables = {line.split(".")[0] for line in after.splitlines() if str(member.uid) in line or member.uid.hex in line}
    assert tables == {"alumni_consentevent", "alumni_consentrecord"}
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    logged = log_lines.getvalue().casefold()
    assert "member_erased" in logged
    assert {word: found_in(logged, word) for word in WORDS if found_in(logged, word)} == {}

    # The book still verifies, by its events, without them.
    assert ConsentEvent.objects.filter(principal_uid=member.uid).count() == events > 5
    hers = ConsentEvidence.objects.filter(event__principal_uid=member.uid)
    assert set(hers.values_list("person", "link")) == {(None, None)}
    report = verifier.verify(export.lines())
    assert (report.problems, report.blanked) == ([], events)
    call_command("verify_ledger", stdout=io.StringIO())

    # Nobody enters them again by mistake, and the others are as they were.
    assert suppression.is_suppressed(EMAIL.upper())
    again = imports.stage(source="hr", filename="x.csv", stream=io.BytesIO(CSV.encode()), by=author)
    imports.apply(batch=again)
    assert not Member.objects.filter(email=EMAIL).exists()
    assert Member.objects.filter(email="marijn.ander@thuis.example").exists()
    assert officer.delete(f"/members/{member.uid}/").status_code == 404
    assert me.get("/me/").status_code == 401
