"""What changes between planning and hand-over, and what is asked again at hand-over."""

import datetime as dt

import pytest
from django.utils import timezone

from alumni.consent import ledger
from notifications.digests import deliver, runs, tasks
from notifications.digests.models import Digest, DigestItem, Run
from tests.notifications.digests.running import act, outcomes, run_now

pytestmark = pytest.mark.django_db


def test_withdrawal_between_planning_and_hand_over_stops_the_digest(alice, publish, server) -> None:
    post = publish()
    run = runs.start()
    runs.plan_all(run)
    ledger.withdraw(member=alice, purposes=["gigs"], act=act())
    deliver.hand_over_all()
    runs.finish_ended()
    digest = Digest.objects.get()
    assert (digest.state, digest.reply, digest.attempts) == ("withheld", "withdrawn", 0)
    assert DigestItem.objects.get().outcome == "withheld"
    assert server.received == []
    assert outcomes(run, post) == {"withheld": 1}


def test_withdrawing_one_purpose_sends_the_rest(alice, publish, server) -> None:
    gig, vacancy = publish("gig", "Geheime klus"), publish("vacancy", "Teamleider data")
    runs.plan_all(runs.start())
    ledger.withdraw(member=alice, purposes=["gigs"], act=act())
    deliver.hand_over_all()
    assert dict(DigestItem.objects.values_list("post_id", "outcome")) == {gig.pk: "withheld", vacancy.pk: None}
    assert Digest.objects.get().state == "handed_over"
    text = server.accepted[0].parsed.as_string()
    assert "Geheime klus" not in text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"paused_until": dt.date(2099, 1, 1)}, "paused"),
        ({"restricted_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "restricted"),
        ({"left_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "left"),
        ({"undeliverable_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "undeliverable"),
    ],
)
def test_whatever_the_gate_says_at_hand_over_holds(alice, publish, server, change, reason) -> None:
    publish()
    runs.plan_all(runs.start())
    type(alice).objects.filter(pk=alice.pk).update(**change)
    deliver.hand_over_all()
    digest = Digest.objects.get()
    assert (digest.state, digest.reply) == ("withheld", reason)
    assert server.received == []


def test_a_post_closed_after_planning_leaves_the_digests_at_once(alice, carol, publish, server) -> None:
    from notifications.posts.signals import post_closed

    gig, vacancy = publish("gig"), publish("vacancy")
    runs.plan_all(runs.start())
    gig.state, gig.closed_at = "closed", timezone.now()
    gig.save()
    post_closed.send(sender=type(gig), post_id=gig.pk)
    assert Digest.objects.get(member=carol).state == "closed"
    deliver.hand_over_all()
    assert server.counts() == {alice.email: 1}
    assert set(DigestItem.objects.filter(post=gig).values_list("outcome", flat=True)) == {"closed"}
    assert DigestItem.objects.get(post=vacancy).outcome is None


def test_a_post_closed_while_a_worker_holds_the_digest_is_left_out_as_well(alice, publish, server, settings) -> None:
    gig, _vacancy = publish("gig", "Gesloten klus"), publish("vacancy")
    runs.plan_all(runs.start())
    type(gig).objects.filter(pk=gig.pk).update(state="closed", closed_at=timezone.now())  # no receiver ran
    deliver.hand_over_all()
    assert DigestItem.objects.get(post=gig).outcome == "closed"
    assert "Gesloten klus" not in server.accepted[0].parsed.as_string()


def test_an_edited_post_goes_out_in_its_newest_approved_version(alice, publish, server) -> None:
    from notifications.posts.models import PostText, PostVersion

    post = publish("update", "Oude titel")
    runs.plan_all(runs.start())
    newer = PostVersion.objects.create(post=post, number=2, approved_at=timezone.now(), sha256="1" * 64)
    PostText.objects.create(version=newer, language="nl", title="Nieuwe titel", why="Daarom.")
    type(post).objects.filter(pk=post.pk).update(current_version=newer)
    deliver.hand_over_all()
    assert DigestItem.objects.get().version_id == newer.pk
    assert server.accepted[0].parsed["Subject"] == "Nieuwe titel"


def test_a_post_that_cannot_be_rendered_is_set_aside_and_the_others_go(alice, carol, publish, server) -> None:
    from notifications.posts.models import PostText

    broken, fine = publish("gig", "Kapot"), publish("vacancy", "Heel")
    PostText.objects.filter(version=broken.current_version).delete()
    run = run_now()
    assert set(DigestItem.objects.filter(post=broken).values_list("outcome", flat=True)) == {"set_aside"}
    assert Digest.objects.get(member=alice).state == "handed_over"
    assert Digest.objects.get(member=carol).state == "set_aside"
    assert outcomes(run, broken) == {"set_aside": 2}
    assert outcomes(run, fine) == {"handed_over": 1, "refused": 1}


def test_a_member_whose_row_no_form_would_have_let_in_is_set_aside_and_the_others_go(
    alice, carol, publish, server
) -> None:
    publish("gig")
    type(carol).objects.filter(pk=carol.pk).update(email="carol@thuis.example\r\nBcc: all@thuis.example")
    run_now()
    assert Digest.objects.get(member=carol).state == "set_aside"
    assert server.counts() == {alice.email: 1}


def test_matching_switched_off_after_planning_takes_the_profile_out_of_the_reasons(alice, publish, server) -> None:
    publish("gig", "Python-klus", required=["Python"])
    runs.plan_all(runs.start())
    assert DigestItem.objects.get().reason["code"] == "match"
    ledger.withdraw(member=alice, purposes=["matching"], act=act())
    deliver.hand_over_all()
    assert DigestItem.objects.get().reason == {"code": "purpose", "purpose": "gigs"}
    assert "Python en" not in server.accepted[0].parsed.as_string()
    assert Digest.objects.get().state == "handed_over"


def test_a_changed_address_is_used_in_envelope_and_header(alice, publish, server, monkeypatch) -> None:
    from notifications.digests import handoff

    publish()
    runs.plan_all(runs.start())
    compose = handoff.compose

    def change_address_meanwhile(parcels, composer):
        done = compose(parcels, composer)
        alice.email = "nieuw@thuis.example"
        alice.save()
        return done

    monkeypatch.setattr(handoff, "compose", change_address_meanwhile)
    deliver.hand_over_all()
    assert server.counts() == {"nieuw@thuis.example": 1}
    assert "nieuw@thuis.example" in server.accepted[0].parsed["To"]


def test_nothing_leaves_without_a_postal_address(alice, organisation, publish, server) -> None:
    publish()
    runs.plan_all(runs.start())
    organisation.street = ""
    organisation.save()
    assert deliver.hand_over_all() == 0
    assert Digest.objects.get().state == "planned"
    tasks.sweep()
    assert Run.objects.count() == 1
