"""The current states, and making them anew."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from alumni.consent import ledger
from alumni.consent.models import ConsentEvent, ConsentState

pytestmark = pytest.mark.django_db


def rows():
    return sorted(ConsentState.objects.values_list())


def run(**options):
    out = StringIO()
    call_command("rebuild_consent_states", stdout=out, **options)
    return out.getvalue()


def test_rebuilding_changes_nothing_when_all_is_well(alice, carol, on_the_page):
    ledger.choose(member=alice, choices={"gigs": False, "updates": True}, act=on_the_page)
    before = rows()
    assert "2 members looked at, 0 consents mended." in run()
    assert rows() == before


def test_a_wrong_a_missing_and_an_unfounded_state_are_found_and_mended(alice, bob, carol):
    before, events = rows(), ConsentEvent.objects.count()
    ConsentState.objects.filter(member=alice, purpose="gigs").update(state="withdrawn")
    ConsentState.objects.filter(member=carol, purpose="gigs").delete()
    row = ConsentState.objects.get(member=alice, purpose="updates")
    row.purpose = "events"
    row.save(force_insert=True)
    with pytest.raises(CommandError, match="3 consents of 3 members differ from the ledger"):
        run(check=True)
    assert rows() != before
    assert "3 consents mended" in run()
    assert rows() == before
    assert ConsentEvent.objects.count() == events
    run(check=True)
