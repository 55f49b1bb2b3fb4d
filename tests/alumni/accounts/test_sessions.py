"""Sessions are stored by the hash of their key: a stolen table opens none."""

import asyncio
import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client

from alumni.accounts.models import Session, User
from alumni.accounts.sessions import SessionStore


def everything_stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM alumni_session")
        return repr(cursor.fetchall())


def stored(**data: Any) -> SessionStore:
    store = SessionStore()
    store.update(data)
    store.save()
    return store


def test_a_session_is_found_by_its_key_and_the_key_is_not_in_the_table(db: None) -> None:
    store = stored(answer=42)
    assert SessionStore(store.session_key)["answer"] == 42
    assert store.exists(store.session_key)
    assert store.session_key not in everything_stored()


def test_what_stands_in_the_table_opens_nothing(db: None) -> None:
    stored(answer=42)
    stolen = Session.objects.get().session_key
    assert not SessionStore().exists(stolen)
    assert SessionStore(stolen).get("answer") is None


def test_saving_again_changes_the_same_row(db: None) -> None:
    store = stored(answer=1)
    again = SessionStore(store.session_key)
    again["answer"] = 2
    again.save()
    assert Session.objects.count() == 1
    assert SessionStore(store.session_key)["answer"] == 2


def test_a_new_key_takes_the_data_along_and_ends_the_old(db: None) -> None:
    store = stored(answer=42)
    old = store.session_key
    store.cycle_key()
    store.save()
    assert store.session_key != old
    assert not store.exists(old)
    assert SessionStore(store.session_key)["answer"] == 42
    assert Session.objects.count() == 1


def test_flush_and_delete_leave_no_row(db: None) -> None:
    one, other = stored(a=1), stored(b=2)
    one.flush()
    assert one.session_key is None
    SessionStore().delete(other.session_key)
    assert not Session.objects.exists()


def test_an_expired_session_is_not_found_and_is_cleared(db: None) -> None:
    store = stored(answer=42)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)):
        assert SessionStore(store.session_key).get("answer") is None
        SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_a_session_that_was_deleted_meanwhile_is_not_brought_back_by_saving(db: None) -> None:
    store = stored(answer=42)
    Session.objects.all().delete()
    from django.contrib.sessions.backends.base import UpdateError

    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()


def test_login_gives_a_new_key_and_another_user_a_new_session(bob: Any, carol: Any, client: Client) -> None:
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = before = session.session_key
    client.force_login(bob.user)
    as_bob = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert as_bob != before
    client.force_login(carol.user)
    as_carol = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert as_carol != as_bob
    assert not SessionStore().exists(as_bob)
    assert list(Session.objects.values_list("user", flat=True)) == [carol.user_id]
    for key in (before, as_bob, as_carol):
        assert key not in everything_stored()


def test_the_session_of_somebody_deleted_goes_with_them(bob: Any, client: Client) -> None:
    client.force_login(bob.user)
    User.objects.filter(pk=bob.user_id).delete()
    assert not Session.objects.exists()


def test_the_asynchronous_store_refuses_to_keep_a_key(db: None) -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(SessionStore().acreate_model_instance({}))
