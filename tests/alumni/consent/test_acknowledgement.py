"""Belgium wants an e-mail after each unsubscribe; the Netherlands do not get one."""

import datetime as dt
import email
import email.policy

import pytest

from alumni.consent import ledger
from alumni.consent.acts import Act, Channel
from notifications.mail.models import ServiceMail

pytestmark = pytest.mark.django_db


def acknowledgements():
    return list(ServiceMail.objects.filter(kind="withdrawal_ack"))


def text_of(mail):
    message = email.message_from_bytes(bytes(mail.body), policy=email.policy.default)
    return message, message.get_body(("plain",)).get_content()


@pytest.fixture
def belgian(make_member):
    return make_member("Lotte", country="BE", consents=["gigs", "updates", "matching"])


def test_a_belgian_member_gets_exactly_one_acknowledgement(belgian, one_click, organisation):
    at = dt.datetime(2026, 11, 21, 13, 5, tzinfo=dt.UTC)
    ledger.withdraw(member=belgian, purposes=["gigs", "updates"], act=one_click, at=at)
    [mail] = acknowledgements()
    assert (mail.member, mail.to) == (belgian, belgian.email)
    message, text = text_of(mail)
    assert message["Subject"] == "Je bent uitgeschreven"
    assert "Dag Lotte, op 21 november 2026 om 14:05 schreef je je uit." in " ".join(text.split())
    assert "Je krijgt van Maasveld geen klussen en nieuws van Maasveld meer." in " ".join(text.split())
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    # A repeat withdraws nothing, so it says nothing.
    ledger.withdraw(member=belgian, purposes=["gigs", "updates"], act=one_click)
    assert acknowledgements() == [mail]


def test_a_later_unsubscribe_is_acknowledged_too(belgian, one_click, on_the_page):
    ledger.withdraw(member=belgian, purposes=["gigs"], act=one_click)
    ledger.choose(member=belgian, choices={"gigs": True}, act=on_the_page)
    ledger.choose(member=belgian, choices={"gigs": False}, act=on_the_page)
    assert len(acknowledgements()) == 2


def test_a_dutch_member_gets_none(alice, one_click):
    ledger.withdraw(member=alice, purposes=["gigs", "updates", "vacancies"], act=one_click)
    assert acknowledgements() == []


def test_switching_off_what_brings_no_mail_is_no_unsubscribe(belgian, on_the_page):
    ledger.choose(member=belgian, choices={"matching": False, "vacancies": False}, act=on_the_page)
    assert acknowledgements() == []


@pytest.mark.parametrize("method", ["complaint", "expiry"])
def test_none_after_a_complaint_or_an_expiry(belgian, method):
    act = Act(method=method, channel=Channel.SYSTEM, form_version="x/1", locale="nl", actor="system")
    ledger.withdraw(member=belgian, purposes=["gigs"], act=act)
    assert acknowledgements() == []


def test_the_mail_goes_with_the_withdrawal_or_not_at_all(belgian, one_click):
    from django.db import transaction

    with pytest.raises(RuntimeError), transaction.atomic():
        ledger.withdraw(member=belgian, purposes=["gigs"], act=one_click)
        raise RuntimeError
    assert acknowledgements() == []
