"""May this message go to this member now? The whole truth table."""

import datetime as dt

import pytest

from alumni.accounts.service_mail import ALL_KINDS, INVITATION, SERVICE_KINDS, STAFF_KINDS
from alumni.consent import gate, ledger, notices, suppression
from alumni.consent.models import ConsentState
from alumni.members.models import Member

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 21, 22, 30, tzinfo=dt.UTC)  # 23:30 in Amsterdam, 17:30 in New York

# What may be the matter with a member, in the order in which the gate looks.
TROUBLES = {
    "undeliverable": {"undeliverable_at": AT},
    "suppressed": {},
    "paused": {"paused_until": dt.date(2026, 11, 21)},
    "restricted": {"restricted_at": AT},
    "left": {"left_at": AT},
    "not_joined": {"joined_at": None},
}


@pytest.fixture
def erik(notices, on_the_page):
    """Joined, and consents to gigs."""
    member = Member.objects.create(
        given_name="Erik", family_name="Bos", email="erik@thuis.example", is_freelancer=True, joined_at=AT
    )
    ledger.choose(member=member, choices={"gigs": True}, act=on_the_page, at=AT - dt.timedelta(days=1))
    return member


def put(member, trouble):
    for name, value in TROUBLES[trouble].items():
        setattr(member, name, value)
    member.save()
    if trouble == "suppressed":
        suppression.suppress(email=member.email, reason="unsubscribed")


def test_in_force_is_sent_and_only_for_that_purpose(erik):
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT) == gate.Verdict(True, "ok")
    for other in ("vacancies", "updates", "matching"):
        assert gate.may_send(member=erik, kind="digest", purpose=other, at=AT) == gate.Verdict(False, "no_consent")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_stops_a_digest_and_is_named(erik, trouble):
    put(erik, trouble)
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT) == gate.Verdict(False, trouble)


@pytest.mark.parametrize(("first", "second"), list(zip(list(TROUBLES), list(TROUBLES)[1:], strict=False)))
def test_of_two_troubles_the_first_is_named(erik, first, second):
    put(erik, first)
    put(erik, second)
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == first


@pytest.mark.parametrize("kind", sorted(SERVICE_KINDS))
@pytest.mark.parametrize("trouble", [None, *TROUBLES])
def test_service_mails_need_an_address_that_works_and_nothing_else(erik, kind, trouble):
    if trouble:
        put(erik, trouble)
    verdict = gate.may_send(member=erik, kind=kind, at=AT)
    assert verdict == (gate.Verdict(False, "undeliverable") if trouble == "undeliverable" else gate.OK)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (None, "ok"),
        ("undeliverable", "undeliverable"),
        ("suppressed", "suppressed"),
        ("restricted", "restricted"),
        ("not_joined", "ok"),
    ],
)
def test_an_invitation_is_stopped_by_suppression_and_restriction(erik, trouble, reason):
    if trouble:
        put(erik, trouble)
    verdict = gate.may_send(member=erik, kind=INVITATION, at=AT)
    assert verdict == gate.Verdict(reason == "ok", reason)


@pytest.mark.parametrize("kind", [*sorted(STAFF_KINDS), "none", "newsletter", ""])
def test_a_kind_on_no_list_of_members_mail_is_refused(erik, kind):
    assert kind not in SERVICE_KINDS
    assert gate.may_send(member=erik, kind=kind, at=AT) == gate.Verdict(False, "unknown_kind")


def test_the_closed_list_is_this_one():
    """Widening it is a decision, so it is written here a second time."""
    assert {
        "opt_in",
        "already_member",
        "login_code",
        "address_change",
        "security_notice",
        "receipt",
        "withdrawal_ack",
        "renewal_reminder",
        "notice_change",
        "privacy_answer",
        "export_ready",
        "breach_notice",
        "response_answer",
    } == SERVICE_KINDS
    assert {"review_requested", "run_report", "test_send", "staff_login_code"} == STAFF_KINDS
    assert {"invitation", "none"} == ALL_KINDS - SERVICE_KINDS - STAFF_KINDS


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("given", "ok"),
        ("renewed", "ok"),
        ("requested", "no_consent"),
        ("request_deferred", "no_consent"),
        ("refused", "refused"),
        ("withdrawn", "withdrawn"),
        ("expired", "expired"),
        ("invalidated", "no_consent"),
        ("revoked_by_controller", "no_consent"),
        ("unknown", "no_consent"),
    ],
)
def test_each_state_of_a_consent(erik, state, reason):
    ConsentState.objects.filter(member=erik).update(state=state)
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT) == gate.Verdict(reason == "ok", reason)


def test_a_consent_counts_until_its_last_second(erik):
    end = ConsentState.objects.get(member=erik).valid_until
    assert end == dt.datetime(2028, 11, 20, 22, 30, tzinfo=dt.UTC)
    just_before = gate.may_send(member=erik, kind="digest", purpose="gigs", at=end - dt.timedelta(seconds=1))
    assert just_before.reason == "ok"
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=end).reason == "expired"


def test_a_material_notice_overtakes_older_consents_and_an_editorial_one_does_not(erik, organisation, on_the_page):
    organisation.street = "Nieuwegracht 1"
    organisation.save()
    notices.publish(purpose="gigs", change_kind="editorial")
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == "ok"
    notices.publish(purpose="vacancies", change_kind="material")  # another purpose
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == "ok"
    notices.publish(purpose="gigs", change_kind="material")
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == "overtaken"
    ledger.choose(member=erik, choices={"gigs": True}, act=on_the_page, at=AT)
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == "ok"


@pytest.mark.parametrize(
    ("zone", "day", "reason"),
    [
        # 22:30 UTC on the 21st is still the 21st in Amsterdam, and the 22nd in Tokyo.
        ("Europe/Amsterdam", dt.date(2026, 11, 21), "paused"),
        ("Europe/Amsterdam", dt.date(2026, 11, 20), "ok"),
        ("Asia/Tokyo", dt.date(2026, 11, 21), "ok"),
        ("Asia/Tokyo", dt.date(2026, 11, 22), "paused"),
        ("America/New_York", dt.date(2026, 11, 21), "paused"),
        ("Mars/Olympus", dt.date(2026, 11, 21), "paused"),  # an unknown zone is read as the company's
    ],
)
def test_a_pause_ends_at_the_members_own_midnight(erik, zone, day, reason):
    Member.objects.filter(pk=erik.pk).update(timezone=zone, paused_until=day)
    erik.refresh_from_db()
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == reason


def test_withdrawal_and_complaint_are_seen_in_the_same_transaction(erik, one_click):
    ledger.withdraw(member=erik, purposes=["gigs"], act=one_click)
    assert gate.may_send(member=erik, kind="digest", purpose="gigs", at=AT).reason == "withdrawn"


def test_a_digest_without_a_purpose_is_a_mistake(erik):
    with pytest.raises(ValueError, match="per purpose"):
        gate.may_send(member=erik, kind="digest", at=AT)


def test_a_chunk_gets_the_same_verdicts_in_a_constant_number_of_queries(erik, make_member, django_assert_num_queries):
    others = [make_member(f"M{i}", consents=["gigs", "updates"] if i % 2 else []) for i in range(6)]
    suppression.suppress(email="m1@thuis.example", reason="complained")
    everybody = [erik, *others]
    with django_assert_num_queries(3):
        found = gate.verdicts(members=everybody, at=AT)
    assert found == {
        member.pk: {
            purpose: gate.may_send(member=member, kind="digest", purpose=purpose, at=AT)
            for purpose in ("gigs", "vacancies", "updates", "matching")
        }
        for member in everybody
    }
    assert found[others[1].pk]["gigs"].reason == "suppressed"
    assert found[others[3].pk]["gigs"].reason == "ok"
    assert gate.verdicts(members=[], at=AT) == {}
