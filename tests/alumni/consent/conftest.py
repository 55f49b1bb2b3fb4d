"""What the tests of consent share."""

import pytest

from alumni.consent.acts import Act, Channel, Method


@pytest.fixture
def on_the_page():
    """An act on the preference page, in Dutch."""
    return Act(
        method=Method.PREFERENCE_PAGE,
        channel=Channel.WEB,
        form_version="preferences/1",
        locale="nl",
        session_ref="sess:9b1f",
        ip="203.0.113.77",
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    )


@pytest.fixture
def one_click():
    """The POST of a mailbox provider (RFC 8058)."""
    return Act(
        method=Method.ONE_CLICK,
        channel=Channel.EMAIL,
        form_version="list-unsubscribe/1",
        locale="nl",
        session_ref="sess:1",
        ip="198.51.100.9",
        user_agent="Mozilla/5.0 Chrome/140.0",
    )


@pytest.fixture
def tamper(db):
    """Change what may not be changed: `tamper(lambda: ConsentEvent.objects.filter(...).update(...))`."""
    from alumni.consent import triggers

    def do(change):
        with triggers.lifted():
            change()

    return do
