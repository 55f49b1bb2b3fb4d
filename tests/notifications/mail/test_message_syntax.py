"""Whatever people are called, the message obeys the standards and gives their name and words back."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alumni.accounts.models import Organisation
from alumni.accounts.service_mail import ALL_KINDS, queue
from notifications.mail.models import ServiceMail

# What a name can hold: no control characters (those are refused) and no surrogates.
NAMES = st.one_of(
    st.sampled_from(["Zoë", "Łódź", "O'Brien, Jan", 'Jan "de Bom"', "Ng\u0303 (HR)", "\N{PARTY POPPER} ja", "Anna\\"]),
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=500).filter(str.strip),
)
LINK = "https://netwerk.maasveld.example/join/confirm/?token=" + "x" * 43


def _written(**mail: object) -> tuple[bytes, EmailMessage]:
    ServiceMail.objects.all().delete()
    queue(**({"kind": "opt_in", "to": "alice@thuis.example", "subject": "Onderwerp", "text": "Dag"} | mail))  # type: ignore[arg-type]
    raw = bytes(ServiceMail.objects.get().body)
    return raw, message_from_bytes(raw, policy=policy.default)  # type: ignore[return-value]


def _text(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")  # type: ignore[union-attr]


def _display_name(raw: bytes) -> str:
    display, _address = parseaddr(" ".join(str(message_from_bytes(raw)["From"]).split()))
    return str(make_header(decode_header(display)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES)
def test_any_name_comes_back_as_it_was(organisation: Organisation, name: str) -> None:
    Organisation.objects.update(sender_name=name[:100], name="Café Ünië")
    with translation.override("en"):
        raw, message = _written(subject=f"May we stay in touch, {name}?", text=f"Hello {name}, welcome.")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert max((len(word) for word in re.findall(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=", raw)), default=0) <= 75
    sender = message["From"].addresses[0]
    assert len(message["From"].addresses) == 1
    assert sender.addr_spec == "netwerk@maasveld.example"
    # Not `sender.display_name`: the standard library's parser keeps blanks between encoded words, against RFC 2047.
    assert _one_line(_display_name(raw)) == _one_line(f"{name[:100]} of Café Ünië")
    assert _one_line(message["Subject"]) == _one_line(f"May we stay in touch, {name}?")
    text = _text(message)
    assert "".join(f"Hello {name}, welcome.".split()) in "".join(text.split())


class _Links(HTMLParser):
    """Collects the targets of links, and what a mail may not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_both_parts_of_each_kind_hold_the_same_links(organisation: Organisation, kind: str, language: str) -> None:
    with translation.override(language):
        raw, message = _written(
            kind=kind,
            text=f"Dag Alice,\n\n{LINK}\n\nOf lees https://maasveld.example/privacy?a=1&b=2. Tot dan.",
            button=("Kies en bevestig", LINK),
        )
    strict = message_from_bytes(raw, policy=policy.strict)
    assert strict["Content-Language"] == language
    text = _text(message)
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    parser = _Links()
    parser.feed(html)
    web = [link for link in parser.links if link.startswith("https:")]
    assert web == re.findall(r"https://\S+[^\s.]", text) == [LINK, "https://maasveld.example/privacy?a=1&b=2"]
    assert "Kies en bevestig:" in text and ">Kies en bevestig<" in html
    assert not parser.tags & {"img", "script", "form", "link", "iframe"}
    assert f'lang="{language}"' in html
    assert len(html.encode()) < 100_000
    for part in (text, html):
        assert "Keulsekade 140, 3532 AA Utrecht" in part and "12345678" in part
        assert "netwerk@maasveld.example" in part


def test_lines_of_the_text_part_are_short_except_addresses(organisation: Organisation) -> None:
    _raw, message = _written(text="Een heel lange zin die maar niet ophoudt. " * 20 + "\n\n" + LINK)
    text = _text(message)
    assert all(len(line) <= 72 or line == LINK for line in text.splitlines())


def test_markup_in_a_name_stays_text(organisation: Organisation) -> None:
    _raw, message = _written(
        subject="<b>Alice</b>", text='Dag <img src=x onerror=alert(1)> & "co", zie https://a.example/?x=<b>'
    )
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<img" not in html and "<b>Alice" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;co&quot;" in html


def test_a_button_without_a_place_of_its_own_stands_below_the_text(organisation: Organisation) -> None:
    _raw, message = _written(text="Dag Alice,\n\nWelkom.", button=("Bekijk en kies", LINK))
    text = _text(message)
    assert text.index("Welkom.") < text.index(f"Bekijk en kies:\n{LINK}") < text.index("-- \n")


def test_a_belgian_company_gives_its_enterprise_number(organisation: Organisation) -> None:
    Organisation.objects.update(country="BE", company_number="0403.170.701")
    with translation.override("nl"):
        _raw, message = _written()
    assert "Ondernemingsnummer 0403.170.701." in _one_line(_text(message))
