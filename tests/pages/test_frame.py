"""What every page of members and visitors has in common."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_page_speaks_the_language_that_is_asked_for_and_only_this_once(organisation):
    client = Client()
    assert '<html lang="en">' in client.get("/accounts/login/?language=en").content.decode()
    assert '<html lang="nl">' in client.get("/accounts/login/").content.decode()


def test_an_unknown_language_is_ignored(organisation):
    assert '<html lang="nl">' in Client().get("/accounts/login/?language=xx").content.decode()


def test_the_switch_in_the_header_is_a_post_and_is_remembered(organisation):
    client = Client(enforce_csrf_checks=True)
    page = client.get("/accounts/login/?language=nl").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    back = re.search(r'name="next" value="([^"]+)"', page).group(1)
    answer = client.post("/i18n/setlang/", {"language": "en", "next": back, "csrfmiddlewaretoken": token})
    assert answer.status_code == 302
    assert "language=" not in answer["Location"]
    assert '<html lang="en">' in client.get(answer["Location"]).content.decode()


def test_looking_at_another_language_sets_nothing(organisation):
    client = Client()
    client.get("/accounts/login/?language=en")
    assert "django_language" not in client.cookies


def test_a_member_is_spoken_to_in_their_own_language(carol, browser_of):
    assert '<html lang="en">' in browser_of(carol.user).get("/accounts/logout/").content.decode()


def test_no_page_needs_an_inline_script_or_style(organisation):
    answer = Client().get("/accounts/login/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    page = answer.content.decode()
    assert "<script" not in page
    assert "style=" not in page


def test_each_page_says_who_is_responsible_and_whom_to_ask(organisation):
    page = Client().get("/accounts/login/").content.decode()
    assert "Maasveld" in page
    assert "Keulsekade 140, 3532 AA Utrecht" in page
    assert "mailto:privacy@maasveld.example" in page
    assert 'href="#main"' in page
