"""Addresses that may not be mailed, kept without keeping them."""

import pytest

from alumni.consent import suppression
from alumni.consent.models import Suppression

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "spelling", ["jan@müller.example", "JAN@MÜLLER.example ", "jan@xn--mller-kva.example", "Jan@Xn--Mller-Kva.Example"]
)
def test_every_spelling_of_a_suppressed_address_is_known(spelling):
    suppression.suppress(email="Jan@müller.example", reason="objected")
    assert suppression.is_suppressed(spelling)
    assert not suppression.is_suppressed("jan+kring@müller.example")
    assert not suppression.is_suppressed("j.an@müller.example")


def test_only_a_keyed_hash_is_stored():
    row = suppression.suppress(email="jan@thuis.example", reason="unsubscribed")
    stored = " ".join(str(value) for value in Suppression.objects.values().get().values())
    assert "jan" not in stored
    import hashlib

    assert row.email_hmac != hashlib.sha256(b"jan@thuis.example").hexdigest()


def test_another_key_recognises_nothing(settings):
    suppression.suppress(email="jan@thuis.example", reason="unsubscribed")
    settings.ADDRESS_HMAC_KEYS = {"addr-9": "ab" * 32}
    assert not suppression.is_suppressed("jan@thuis.example")


def test_keys_rotate_by_adding_one_in_front(settings):
    suppression.suppress(email="jan@thuis.example", reason="unsubscribed")
    settings.ADDRESS_HMAC_KEYS = {"addr-2": "ab" * 32, **settings.ADDRESS_HMAC_KEYS}
    assert suppression.is_suppressed("jan@thuis.example")
    suppression.suppress(email="jan@thuis.example", reason="unsubscribed")
    assert Suppression.objects.count() == 1
    assert suppression.suppress(email="piet@thuis.example", reason="unsubscribed").key_id == "addr-2"


def test_suppressing_twice_for_one_reason_is_one_row_and_for_two_is_two():
    for reason in ("unsubscribed", "unsubscribed", "complained"):
        suppression.suppress(email="jan@thuis.example", reason=reason)
    assert sorted(Suppression.objects.values_list("reason", flat=True)) == ["complained", "unsubscribed"]


def test_the_own_opt_in_lifts_leaving_and_objecting_but_no_complaint_and_no_bounce():
    for reason in ("unsubscribed", "objected", "erased_do_not_contact", "complained", "hard_bounce"):
        suppression.suppress(email=f"{reason}@thuis.example", reason=reason)
        suppression.lift(email=f"{reason}@thuis.example", seq=7)
    standing = Suppression.objects.filter(lifted_by_seq__isnull=True)
    assert set(standing.values_list("reason", flat=True)) == {"complained", "hard_bounce"}
    assert set(Suppression.objects.exclude(pk__in=standing).values_list("lifted_by_seq", flat=True)) == {7}


def test_lifting_touches_nobody_else():
    suppression.suppress(email="jan@thuis.example", reason="objected")
    assert suppression.lift(email="piet@thuis.example", seq=7) == 0
    assert suppression.is_suppressed("jan@thuis.example")


def test_who_objects_again_after_a_new_opt_in_is_suppressed_again():
    suppression.suppress(email="jan@thuis.example", reason="objected")
    suppression.lift(email="jan@thuis.example", seq=7)
    assert not suppression.is_suppressed("jan@thuis.example")
    suppression.suppress(email="jan@thuis.example", reason="objected")
    assert suppression.is_suppressed("jan@thuis.example")


def test_many_addresses_are_asked_in_one_query(django_assert_num_queries):
    suppression.suppress(email="A1@thuis.example", reason="objected")
    with django_assert_num_queries(1):
        found = suppression.suppressed_keys(f"a{i}@Thuis.example" for i in range(400))
    assert found == {"a1@thuis.example"}


def test_an_unknown_reason_is_refused():
    with pytest.raises(ValueError):
        suppression.suppress(email="jan@thuis.example", reason="dislike")
