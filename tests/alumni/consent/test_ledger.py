"""The ledger: what is written, what is hashed, and that the same again writes nothing."""

import datetime as dt
import hashlib
import json

import pytest

from alumni.accounts.addresses import keyed_hash
from alumni.consent import ledger
from alumni.consent.acts import Act, Channel, Method
from alumni.consent.models import (
    ConsentEvent,
    ConsentEvidence,
    ConsentRecord,
    ConsentState,
    LedgerHead,
    NoticeText,
)
from alumni.consent.receipts import records_of
from alumni.consent.signals import consent_changed
from alumni.members.models import Member
from backend.http.errors import Conflict, InvalidInput, NotFound

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 21, 12, 0, 0, 654321, tzinfo=dt.UTC)


@pytest.fixture
def dora(notices):
    """In the network, and never asked anything."""
    return Member.objects.create(given_name="Dora", family_name="Smit", email="Dora@Thuis.example", is_alumnus=True)


def states(member):
    return dict(ConsentState.objects.filter(member=member).values_list("purpose", "state"))


def test_yes_gives_and_no_refuses_what_was_never_answered(dora, on_the_page):
    events = ledger.choose(member=dora, choices={"vacancies": False, "gigs": True}, act=on_the_page, at=NOON)
    assert [(event.seq, event.purpose, event.state) for event in events] == [
        (1, "gigs", "given"),
        (2, "vacancies", "refused"),
    ]
    assert states(dora) == {"gigs": "given", "vacancies": "refused"}
    state = ConsentState.objects.get(member=dora, purpose="gigs")
    assert (state.event_seq, state.notice_version) == (1, 1)
    assert state.valid_until == dt.datetime(2028, 11, 21, 12, 0, 0, tzinfo=dt.UTC)
    assert ConsentState.objects.get(member=dora, purpose="vacancies").valid_until is None


def test_the_same_choice_again_writes_nothing(dora, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True, "vacancies": False}, act=on_the_page)
    rows = list(ConsentEvent.objects.values()), list(ConsentState.objects.values())
    assert ledger.choose(member=dora, choices={"gigs": True, "vacancies": False}, act=on_the_page) == []
    assert (list(ConsentEvent.objects.values()), list(ConsentState.objects.values())) == rows


def test_no_withdraws_what_is_in_force_and_nothing_else(dora, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True, "updates": False}, act=on_the_page)
    events = ledger.choose(member=dora, choices={"gigs": False, "updates": False}, act=on_the_page)
    assert [(event.purpose, event.state) for event in events] == [("gigs", "withdrawn")]
    assert ledger.choose(member=dora, choices={"gigs": False}, act=on_the_page) == []


def test_given_after_withdrawn_is_a_new_event_on_the_notice_of_today(dora, organisation, on_the_page):
    from alumni.consent.notices import publish_defaults

    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    organisation.street = "Nieuwegracht 1"
    organisation.save()
    publish_defaults()
    [withdrawn] = ledger.withdraw(member=dora, purposes=["gigs"], act=on_the_page)
    [given] = ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    # The withdrawal belongs to the record of the consent that it ends.
    assert [record["processing"][0]["privacy_notice"]["version"] for record in records_of(dora.uid)] == [1, 2]
    assert [[e["event_state"] for e in record["events"]] for record in records_of(dora.uid)] == [
        ["given", "withdrawn"],
        ["given"],
    ]
    assert withdrawn.record_id != given.record_id


def test_an_editorial_version_asks_nothing_again_and_a_material_one_does(dora, on_the_page):
    from alumni.consent.notices import publish

    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    publish(purpose="gigs", change_kind="material")
    [again] = ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    assert again.state == "given"
    assert ConsentState.objects.get(member=dora).notice_version == 2


def test_withdraw_is_idempotent_and_knows_every_purpose(dora, one_click):
    on_page = Act(method=Method.PREFERENCE_PAGE, channel=Channel.WEB, form_version="p/1", locale="nl")
    ledger.choose(member=dora, choices={"gigs": True, "updates": True}, act=on_page)
    first = ledger.withdraw(member=dora, purposes=["updates", "gigs", "vacancies", "events"], act=one_click)
    assert [(event.purpose, event.state) for event in first] == [("gigs", "withdrawn"), ("updates", "withdrawn")]
    assert ledger.withdraw(member=dora, purposes=["gigs", "updates"], act=one_click) == []
    with pytest.raises(InvalidInput):
        ledger.withdraw(member=dora, purposes=["*"], act=one_click)


def test_a_consent_past_its_term_is_given_anew(dora, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page, at=NOON)
    later = NOON + dt.timedelta(days=900)
    [event] = ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page, at=later)
    assert event.state == "given"
    assert ConsentState.objects.get(member=dora).valid_until > later


def test_renewing_prolongs_what_is_in_force_only(dora, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True, "updates": False}, act=on_the_page, at=NOON)
    later = NOON + dt.timedelta(days=700)
    events = ledger.renew(member=dora, purposes=["gigs", "updates", "matching"], act=on_the_page, at=later)
    assert [(event.purpose, event.state, event.validity_duration) for event in events] == [("gigs", "renewed", "P24M")]
    assert ConsentState.objects.get(member=dora, purpose="gigs").valid_until.year == 2030


@pytest.mark.parametrize("method", ["rfc8058_one_click", "import", "complaint", "expiry", "notice_change"])
def test_no_consent_comes_from_an_act_that_is_not_the_persons_own(dora, method):
    act = Act(method=method, channel="system", form_version="x/1", locale="nl")
    with pytest.raises(ValueError, match="gives no consent"):
        ledger.choose(member=dora, choices={"gigs": True}, act=act)
    assert ConsentEvent.objects.count() == 0
    assert LedgerHead.objects.get().seq == 0


def test_a_double_opt_in_needs_both_times(db):
    with pytest.raises(ValueError, match="double opt-in"):
        Act(method=Method.DOUBLE_OPT_IN, channel="web", form_version="x/1", locale="nl")


@pytest.mark.parametrize("field", [{"method": "telepathy"}, {"channel": "air"}, {"actor": "somebody"}])
def test_an_act_of_unknown_kind_is_refused(field):
    with pytest.raises(ValueError):
        Act(**{"method": "preference_page", "channel": "web", "form_version": "x/1", "locale": "nl", **field})


def test_without_a_notice_in_the_language_nothing_can_be_asked(dora):
    act = Act(method=Method.PREFERENCE_PAGE, channel="web", form_version="p/1", locale="fr-BE")
    with pytest.raises(Conflict) as refusal:
        ledger.choose(member=dora, choices={"gigs": True}, act=act)
    assert refusal.value.code == "no_notice"
    assert ConsentEvent.objects.count() == 0


def test_nothing_is_written_on_a_member_who_is_gone(dora, on_the_page):
    ghost = Member.objects.get(pk=dora.pk)
    dora.delete()
    with pytest.raises(NotFound):
        ledger.choose(member=ghost, choices={"gigs": True}, act=on_the_page)
    assert ledger.withdraw(member=ghost, purposes=["gigs"], act=on_the_page) == []
    assert ledger.record([ledger.Change(ghost, "gigs", "given")], on_the_page) == []
    assert ConsentEvent.objects.count() == 0


def test_the_exact_words_are_kept(dora, on_the_page, one_click):
    label = NoticeText.objects.get(notice__purpose="gigs", language="nl").label
    [given, refused] = ledger.choose(
        member=dora,
        choices={"gigs": True, "updates": False},
        act=on_the_page,
        expressions={"updates": "Nee, liever niet"},
    )
    assert (given.expression, refused.expression) == (label, "Nee, liever niet")
    [withdrawn] = ledger.withdraw(member=dora, purposes=["gigs"], act=one_click)
    assert withdrawn.expression == "List-Unsubscribe=One-Click"


def test_evidence_is_cut_down_and_of_a_one_click_nothing_is_kept(dora, on_the_page, one_click):
    [given] = ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    [withdrawn] = ledger.withdraw(member=dora, purposes=["gigs"], act=one_click)
    person = ConsentEvidence.objects.get(pk=given.seq).person
    assert (person["ip_truncated"], person["user_agent_family"], person["session_ref"]) == (
        "203.0.113.0/24",
        "Firefox 145",
        "sess:9b1f",
    )
    nothing = ConsentEvidence.objects.get(pk=withdrawn.seq).person
    assert {name: value for name, value in nothing.items() if value} == {"salt": nothing["salt"]}
    link = ConsentEvidence.objects.get(pk=given.seq).link
    assert (link["email_hmac"], link["hmac_key_id"]) == keyed_hash("dora@thuis.example")
    salts = [e[part]["salt"] for e in ConsentEvidence.objects.values("person", "link") for part in ("person", "link")]
    assert len(set(salts)) == 4
    assert all(len(salt) == 32 for salt in salts)


def test_the_chain_is_gapless_and_its_head_is_the_last_event(dora, carol, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True, "updates": True}, act=on_the_page)
    ledger.withdraw(member=dora, purposes=["gigs"], act=on_the_page)
    events = list(ConsentEvent.objects.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.prev_hash for event in events] == ["0" * 64, *[event.hash for event in events[:-1]]]
    head = ledger.head()
    assert (head.seq, head.hash) == (events[-1].seq, events[-1].hash)


def _sha(value):
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def test_every_hash_can_be_computed_from_the_export_alone(dora, on_the_page, one_click):
    """By the rules, written out here a second time: a change of what is hashed breaks every receipt in the world."""
    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page, at=NOON)
    ledger.withdraw(member=dora, purposes=["gigs"], act=one_click)
    [record] = records_of(dora.uid)
    notice = record["processing"][0]["privacy_notice"]
    assert notice["sha256"] == hashlib.sha256(notice["text"].encode()).hexdigest()
    frame_and_own = {name: value for name, value in record.items() if name != "events"}
    for event in record["events"]:
        ext = event["ext"]
        assert ext["record_sha256"] == _sha(frame_and_own)
        assert ext["person_sha256"] == _sha(ext["person"])
        assert ext["link_sha256"] == _sha(ext["link"])
        hashed = {k: v for k, v in ext.items() if k not in ("hash", "person", "link")}
        assert ext["hash"] == _sha({**event, "ext": hashed})


def test_a_known_event_has_a_known_hash():
    """Values made up for this test, digests computed once with another program (sha256sum)."""
    from alumni.consent.canonical import canonical, digest

    person = {"salt": "00112233445566778899aabbccddeeff", "session_ref": None, "evidence_refs": []}
    assert canonical(person) == b'{"evidence_refs":[],"salt":"00112233445566778899aabbccddeeff","session_ref":null}'
    assert digest(person) == "793a736ec43a66155cb45c46501566588f24369fb9b7317088550b3c83ce00db"
    assert canonical({"b": "één", "a": {"z": 1, "y": True}}) == '{"a":{"y":true,"z":1},"b":"één"}'.encode()
    assert (
        digest({"b": "één", "a": {"z": 1, "y": True}})
        == "3a0d558155b956993882fb031320501687901fbb34ba3149590b3628e1481b3e"
    )


def test_one_record_a_member_and_notice_text(dora, carol, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    ledger.withdraw(member=dora, purposes=["gigs"], act=on_the_page)
    ledger.choose(member=dora, choices={"gigs": True}, act=on_the_page)
    assert ConsentRecord.objects.filter(principal_uid=dora.uid).count() == 1
    assert ConsentEvent.objects.filter(principal_uid=dora.uid).count() == 3


def test_the_record_has_every_mandatory_field(dora, on_the_page):
    ledger.choose(member=dora, choices={"gigs": True, "matching": True}, act=on_the_page, at=NOON)
    records = records_of(dora.uid)
    assert [record["processing"][0]["purpose"] for record in records] == ["gigs", "matching"]
    for record in records:
        assert set(record) == {
            *("schema_version", "record_id", "pii_principal_id", "created", "creator", "language"),
            *("processing", "parties", "events"),
        }
        assert record["schema_version"] == "dpv-27560:record-eu-gdpr"
        assert record["pii_principal_id"] == str(dora.uid)
        assert record["created"] == "2026-11-21T12:00:00Z"
        [processing] = record["processing"]
        for mandatory in (
            *("privacy_notice", "language", "purpose", "lawful_basis", "pii_information", "pii_controllers"),
            *("collection_method", "processing_method", "storage_locations", "retention_period"),
            *("processing_locations", "geographic_restrictions", "jurisdiction", "withdrawal_method"),
            *("privacy_rights", "authority_party"),
        ):
            assert processing[mandatory], mandatory
        assert processing["pii_controllers"] == [record["creator"]]
        assert processing["delivery_channels"] == (["email"] if processing["purpose"] == "gigs" else [])
        for party in record["parties"]:
            assert all(
                party[name]
                for name in ("party_id", "party_name", "party_address", "party_contact", "party_type", "party_role")
            )
        [event] = record["events"]
        assert event["event_time"] == "2026-11-21T12:00:00Z"
        assert (event["event_state"], event["event_type"], event["entity_id"]) == ("given", "expressed", "principal")
        assert event["validity_duration"] == processing["retention_period"] == "P24M"


def test_a_change_is_announced_once_a_member_after_it_was_written(dora, on_the_page):
    heard = []

    def listen(sender, member_id, purposes, **_kwargs):
        heard.append((member_id, purposes, states(Member.objects.get(pk=member_id))))

    consent_changed.connect(listen)
    try:
        ledger.choose(member=dora, choices={"updates": True, "gigs": True}, act=on_the_page)
        ledger.choose(member=dora, choices={"updates": True, "gigs": True}, act=on_the_page)
    finally:
        consent_changed.disconnect(listen)
    assert heard == [(dora.pk, ["gigs", "updates"], {"gigs": "given", "updates": "given"})]


def test_many_changes_take_a_constant_number_of_queries(notices, on_the_page, monkeypatch):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def members(n, prefix):
        return [
            Member.objects.create(
                given_name=f"{prefix}{i}", family_name="X", email=f"{prefix}{i}@thuis.example", is_alumnus=True
            )
            for i in range(n)
        ]

    monkeypatch.setattr(consent_changed, "send", lambda **_kwargs: None)  # listeners count their own
    few, many = members(2, "a"), members(40, "b")
    with CaptureQueriesContext(connection) as small:
        ledger.record([ledger.Change(m, p, "given") for m in few for p in ("gigs", "updates")], on_the_page)
    with CaptureQueriesContext(connection) as large:
        ledger.record([ledger.Change(m, p, "given") for m in many for p in ("gigs", "updates")], on_the_page)
    # Only SQLite's limit on variables cuts a bulk insert in pieces.
    inserts = [q for q in large.captured_queries if q["sql"].startswith("INSERT")]
    few_inserts = [q for q in small.captured_queries if q["sql"].startswith("INSERT")]
    assert len(large) - len(inserts) == len(small) - len(few_inserts)
    assert len(inserts) <= 20
    assert ConsentState.objects.filter(state="given").count() == 84
    assert ledger.head().seq == 84


@pytest.mark.parametrize(
    ("ip", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::1", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("no address", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_on_the_internet_is_kept_as_its_network(ip, kept):
    from alumni.consent.acts import truncated

    assert truncated(ip) == kept


@pytest.mark.parametrize(
    ("agent", "kept"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.1", "Edge 140"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari 18"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 Version/17.0 Mobile/15E148 Safari/604.1", "Safari 17"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36", "Chrome 140"),
        ("curl/8.5 jan@example.nl", "other"),
        (None, None),
    ],
)
def test_a_browser_is_kept_as_its_family(agent, kept):
    from alumni.consent.acts import browser_family

    assert browser_family(agent) == kept


def test_the_clients_address_is_counted_past_our_own_proxies(rf, settings):
    from alumni.consent.acts import client_address

    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 10.0.0.1"}, REMOTE_ADDR="10.0.0.2")
    settings.TRUSTED_PROXIES = 0
    assert client_address(request) == "10.0.0.2"
    settings.TRUSTED_PROXIES = 2
    assert client_address(request) == "203.0.113.7"
