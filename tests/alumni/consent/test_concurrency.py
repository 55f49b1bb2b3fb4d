"""Several writers at once, in threads with connections of their own, on both databases."""

import threading

import pytest
from django.db import connection

from alumni.consent import export, ledger, notices, suppression, verifier
from alumni.consent.acts import Act, Channel, Method
from alumni.consent.models import ConsentEvent, ConsentState
from alumni.members.models import Member

pytestmark = pytest.mark.usefixtures("transactional_ledger")

ON_PAGE = Act(method=Method.PREFERENCE_PAGE, channel=Channel.WEB, form_version="p/1", locale="nl")
ONE_CLICK = Act(method=Method.ONE_CLICK, channel=Channel.EMAIL, form_version="u/1", locale="nl")


@pytest.fixture
def people(notices):
    return [
        Member.objects.create(given_name=f"P{i}", family_name="X", email=f"p{i}@thuis.example", is_alumnus=True)
        for i in range(4)
    ]


def at_once(*jobs):
    """Run the jobs in threads that start together; returns what they returned, raises what they raised."""
    barrier, results, errors = threading.Barrier(len(jobs)), {}, []

    def run(number, job):
        try:
            barrier.wait()
            results[number] = job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "a deadlock"
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(jobs))]


def assert_whole(events):
    report = verifier.verify(export.lines())
    assert (report.problems, report.events) == ([], events)
    assert ledger.head().seq == events


def test_two_withdrawals_at_once_are_one_event_and_both_succeed(people):
    member = people[0]
    ledger.choose(member=member, choices={"gigs": True}, act=ON_PAGE)
    for _round in range(5):
        before = ConsentEvent.objects.count()
        answers = at_once(*[lambda: ledger.withdraw(member=member, purposes=["gigs"], act=ONE_CLICK)] * 4)
        assert sorted(len(events) for events in answers) == [0, 0, 0, 1]
        assert ConsentEvent.objects.count() == before + 1
        ledger.choose(member=member, choices={"gigs": True}, act=ON_PAGE)
    assert_whole(11)


def test_many_members_writing_at_once_make_one_chain_without_gap_or_deadlock(people):
    def busy(member):
        def job():
            for round_ in range(6):
                ledger.choose(member=member, choices={"gigs": round_ % 2 == 0, "updates": True}, act=ON_PAGE)
            return ledger.withdraw(member=member, purposes=["gigs", "updates"], act=ONE_CLICK)

        return job

    at_once(*[busy(member) for member in people])
    # Each: gigs given, withdrawn, given, ... six times; updates once; the end withdraws updates.
    assert_whole(4 * 8)
    assert set(ConsentState.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_bulk_writing_in_opposite_orders_does_not_lock_up(people):
    def record(members, state):
        return lambda: ledger.record([ledger.Change(m, "gigs", state) for m in members], ON_PAGE)

    for _round in range(4):
        at_once(record(people, "given"), record(people[::-1], "refused"))
    assert_whole(4 * 8)


def test_two_who_publish_at_once_make_one_version(people, organisation):
    organisation.street = "Nieuwegracht 1"
    organisation.save()
    at_once(notices.publish_defaults, notices.publish_defaults, notices.publish_defaults)
    assert {text.notice.version for text in notices.current("nl").values()} == {2}


def test_an_erasure_and_a_choice_at_once_leave_no_evidence_of_who_is_gone(people):
    from alumni.consent.models import ConsentEvidence
    from alumni.privacy.erasure import erase
    from backend.http.errors import NotFound

    for member in people:
        ledger.choose(member=member, choices={"gigs": True}, act=ON_PAGE)

        def choose(member=member):
            try:
                ledger.choose(member=member, choices={"updates": True}, act=ON_PAGE)
            except NotFound:
                return "gone"
            return "written"

        at_once(choose, lambda member=member: erase(member=member))
        assert not Member.objects.filter(pk=member.pk).exists()
        assert suppression.is_suppressed(member.email)
        evidence = ConsentEvidence.objects.filter(event__principal_uid=member.uid)
        assert set(evidence.values_list("person", "link")) == {(None, None)}
    assert_whole(ConsentEvent.objects.count())
