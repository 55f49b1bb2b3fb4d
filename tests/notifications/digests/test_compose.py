"""What a digest is made of: bytes that any mail program reads, with all of the words and none that do not belong."""

import datetime as dt
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alumni.consent import ledger
from notifications.digests import deliver, fragments, rebuild, runs
from notifications.digests.compose import Composer, Item
from notifications.digests.fragments import RenderError
from notifications.digests.models import Digest, Run
from notifications.posts.models import PostText
from tests.faults.smtp_server import LyingServer

pytestmark = pytest.mark.django_db
STRICT = policy.SMTP.clone(raise_on_defect=True)
DAY = dt.date(2026, 3, 12)
CONSENTS = {"gigs": DAY, "vacancies": DAY, "updates": dt.date(2026, 6, 2)}
PLAIN = {"code": "purpose", "purpose": "gigs"}
FITS = {"code": "match", "clauses": [{"code": "skills", "skills": ["Python", "PostgreSQL"]}]}


WHY = (
    "Je krijgt deze mail omdat je ons toestemming gaf voor klussen en vacatures (12 maart 2026) en nieuws van"
    " Maasveld (2 juni 2026). Hoogstens elke week, altijd samen in één mail, op dinsdag."
)


class Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.hrefs, self.tags, self.text = [], set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.hrefs += [value for name, value in attributes if name == "href"]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def composed(organisation, alice):
    """`composed(posts, reasons=…)`: what Alice's digest of these posts is, with its parsed message."""
    run = Run.objects.create(due_at=dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC))

    def compose(posts, reasons=None, member=alice, language="nl", **changes):
        digest = Digest.objects.filter(run=run, member=member).first() or Digest.objects.create(
            run=run, member=member, language=language, due_at=run.due_at, message_id="<digest.abc@maasveld.example>"
        )
        digest.language = language
        digest.created_at = dt.datetime(2026, 11, 24, 8, 30, tzinfo=dt.UTC)
        items = [Item(p.current_version_id, r) for p, r in zip(posts, reasons or [PLAIN] * len(posts), strict=True)]
        done = Composer(organisation).compose(digest, member, items, CONSENTS)
        message = message_from_bytes(done.body, policy=STRICT) if done.body else None
        return SimpleNamespace(done=done, message=message, html=done.part("html"), text=done.part("plain"))

    return compose


def mixed(publish):
    return [
        publish(
            "gig", "Meetdata van 40 pompstations", closes_on=dt.date(2026, 12, 4), terms={"start": dt.date(2027, 1, 4)}
        ),
        publish(
            "vacancy", "Teamleider data", terms={"contact_name": "Joost", "contact_email": "joost@maasveld.example"}
        ),
        publish("update", "In maart één kantoor"),
    ]


def test_every_word_of_every_item_is_in_both_parts(composed, publish) -> None:
    one = composed(mixed(publish), [FITS, PLAIN, PLAIN])
    shown = " ".join(" ".join(Links(one.html).text).split())
    plain = " ".join(one.text.split())
    for words in (
        "Meetdata van 40 pompstations", "Teamleider data", "In maart één kantoor",
        "Samenvatting van Teamleider data.",
        "Waarom we dit doen: Omdat het anders niet gaat.", "Past bij jou omdat je Python en PostgreSQL noemt.",
        "Reageren kan tot en met 4 december.", "Dag Alice,", "Groet,", "Marieke de Boer, HR bij Maasveld",
        WHY,
        "Afmelden", "Voorkeuren", "We volgen niet of je deze mail opent of waarop je klikt.",
        "Maasveld, Keulsekade 140, 3532 AA Utrecht. KvK 12345678.", "netwerk@maasveld.example",
    ):  # fmt: skip
        assert words in shown.replace(" ,", ","), words
        assert words in plain, words
    assert "€\u00a085 tot €\u00a095 per uur" in one.html
    assert "85 tot 95 euro per uur" in plain


def test_both_parts_have_the_same_links_and_afmelden_comes_first_in_the_footer(composed, publish) -> None:
    one = composed(mixed(publish))
    in_html = {link.removeprefix("mailto:") for link in Links(one.html).hrefs}
    in_text = set(re.findall(r"https?://\S+|[\w.]+@[\w.]+\w", one.text))
    assert in_html == in_text
    unsubscribe = one.message["List-Unsubscribe"].strip("<>")
    assert [h for h in Links(one.html).hrefs if "/u/" in h] == [unsubscribe, f"{unsubscribe}#preferences"]
    assert one.text.index("Afmelden:") < one.text.index("Voorkeuren:")


def test_the_headers_are_those_of_a_good_citizen(composed, publish) -> None:
    message = composed(mixed(publish)).message
    assert {name: message[name] for name in ("Auto-Submitted", "Precedence", "List-Unsubscribe-Post", "Reply-To")} == {
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Reply-To": "netwerk@maasveld.example",
    }
    assert message["List-Id"] == '"Maasveld-netwerk" <digest.maasveld.example>'
    assert message["From"] == "Marieke de Boer van Maasveld <netwerk@maasveld.example>"
    assert message["To"] == "Alice de Vries <alice@thuis.example>"
    assert message["Message-ID"] == "<digest.abc@maasveld.example>"
    assert message["Date"].datetime == dt.datetime(2026, 11, 24, 8, 30, tzinfo=dt.UTC)
    assert re.fullmatch(r"<https?://[^<>,]+/u/[^<>,]+>", message["List-Unsubscribe"])
    assert len(message["List-Unsubscribe"]) < 500
    assert all(len(message.get_all(name)) == 1 for name in set(message.keys()))
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_unsubscribe_link_names_the_purposes_of_this_mail_and_no_others(composed, publish, alice) -> None:
    from notifications.mail import links

    message = composed([publish("gig"), publish("update")]).message
    token = message["List-Unsubscribe"].strip("<>").rsplit("/", 1)[1]
    assert links.read(token) == links.Link(alice.uid, ("gigs", "updates"))


def test_the_wire_is_seven_bits_short_lines_and_crlf(composed, publish) -> None:
    body = composed(mixed(publish)).done.body
    assert body.isascii()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 998
    assert max(len(line) for line in body.split(b"\r\n\r\n", 1)[1].split(b"\r\n")) <= 76


def test_the_text_part_keeps_to_72_characters_except_addresses(composed, publish) -> None:
    lines = composed(mixed(publish)).text.splitlines()
    assert [line for line in lines if len(line) > 72 and "://" not in line] == []
    assert "-- " in lines
    assert "KLUSSEN" in lines
    assert "=======" in lines


def test_nothing_is_fetched_and_nothing_is_tracked(composed, publish) -> None:
    page = Links(composed(mixed(publish)).html)
    assert not page.tags & {"img", "script", "form", "iframe", "link", "object", "video"}
    assert "@import" not in "".join(page.text)
    assert "url(" not in "".join(page.text)


def test_the_page_says_its_language_title_and_colours(composed, publish) -> None:
    html = composed(mixed(publish)).html
    assert '<html lang="nl" dir="ltr"' in html
    assert 'role="article"' in html
    assert "prefers-color-scheme: dark" in html
    assert '<meta name="color-scheme" content="light dark"' in html
    assert re.search(r"<title>Klus: Meetdata van 40 pompstations, en twee andere berichten</title>", html)
    assert re.search(r"font-size:(\d|1[0-3])px;line-height:(?!1px|0)", html) is None  # nothing under 14 px to read
    assert html.count("<h1") == 1


def test_the_same_rows_give_the_same_bytes(composed, publish) -> None:
    posts = mixed(publish)
    assert composed(posts).done.body == composed(posts).done.body
    assert composed(posts).done.sha256 == composed(posts).done.sha256


def test_english_words_and_a_dutch_text_where_there_is_no_other(composed, publish) -> None:
    both = publish("gig", "Klus", texts={"nl": {"title": "Nederlandse titel"}, "en": {"title": "English title"}})
    one = composed([both, publish("vacancy", "Alleen Nederlands")], [FITS, PLAIN], language="en")
    plain = " ".join(one.text.split())
    assert "Hello Alice," in plain
    assert "English title" in plain
    assert "Nederlandse titel" not in plain
    assert "Alleen Nederlands" in plain
    assert "85 to 95 euros an hour, excluding VAT." in plain
    assert one.message["Content-Language"] == "en"
    assert one.message["From"].startswith("Marieke de Boer of Maasveld")


@pytest.mark.parametrize(
    ("kinds", "reason", "subject"),
    [
        (["gig", "vacancy", "update"], FITS, "Klus in Python en PostgreSQL vanaf januari, en twee andere berichten"),
        (["gig", "vacancy"], PLAIN, "Klus: Titel van gig, en één ander bericht"),
        (["gig"], PLAIN, "Klus: Titel van gig"),
        (["vacancy"], PLAIN, "Titel van vacancy, €\u00a05.100 tot €\u00a06.700 per maand"),
        (["vacancy", "update"], PLAIN, "Titel van vacancy, en één ander bericht"),
        (["update"], PLAIN, "Titel van update"),
    ],
)
def test_the_subject_names_the_best_item(composed, publish, kinds, reason, subject) -> None:
    posts = [publish(k, f"Titel van {k}", terms={"start": dt.date(2027, 1, 4)} if k == "gig" else None) for k in kinds]
    one = composed(posts, [reason] + [PLAIN] * (len(posts) - 1))
    if kinds == ["vacancy", "update"]:  # the pay has its place when there is room for it
        assert one.message["Subject"] in {
            subject,
            "Titel van vacancy, € 5.100 tot € 6.700 per maand, en één ander bericht",
        }
    else:
        assert one.message["Subject"] == subject


LONG = "Een heel lange titel met Żółć en émoji \U0001f600 & <tags> die maar niet ophoudt "


@pytest.mark.parametrize("kind", ["gig", "vacancy", "update"])
@pytest.mark.parametrize("reason", [FITS, PLAIN])
@pytest.mark.parametrize("n", [1, 2, 10])
def test_subject_and_preheader_keep_to_their_lengths(composed, publish, kind, reason, n) -> None:
    posts = [publish(kind, (LONG * 3)[:200]) for _ in range(n)]
    one = composed(posts, [reason] * n)
    assert 0 < len(one.message["Subject"]) <= 70
    assert "Alice" not in one.message["Subject"]
    preheader = re.search(r"overflow:hidden;\">(.*?)&#8199;", one.html, re.S).group(1)
    assert 40 <= len(re.sub(r"&\w+;|&#\w+;", "x", preheader)) <= 130


def test_ten_items_of_the_longest_texts_stay_under_100_000_bytes(composed, publish) -> None:
    nasty = "<&>\"'\U0001f600"
    posts = []
    for n in range(10):
        kind = ("gig", "vacancy", "update")[n % 3]
        text = {"title": (nasty * 40)[:200], "summary": (f"{nasty} " * 90)[:600], "why": (nasty * 90)[:600]}
        text["apply_url"] = f"https://x.example/?{'a=1&' * 110}n={n}"
        terms = {"place": (nasty * 20)[:100], "contact_name": (nasty * 20)[:100], "contact_email": "a@b.example"}
        posts.append(publish(kind, texts={"nl": text}, terms=terms if kind != "update" else None))
    role = {
        "code": "match",
        "clauses": [{"code": "role", "role": nasty * 30}, {"code": "skills", "skills": [nasty * 15] * 3}],
    }
    one = composed(posts, [role] * 10)
    assert one.done.set_aside == ()
    assert len(one.html.encode()) < 100_000
    assert len(Links(one.html).hrefs) > 20


def test_a_text_that_looks_like_a_mark_is_set_aside_not_filled_in(composed, publish) -> None:
    trick = publish("gig", f"Gratis {fragments.mark('unsubscribe')}")
    one = composed([trick, publish("vacancy", "Eerlijk")])
    assert one.done.set_aside == (trick.current_version_id,)
    assert "Gratis" not in one.html
    assert "Eerlijk" in one.html


def test_html_in_a_post_stays_text(composed, publish) -> None:
    one = composed([publish("gig", "<script>alert(1)</script><img src=https://evil.example/x>")])
    assert not Links(one.html).tags & {"script", "img"}
    assert "<script>alert(1)</script><img src=https://evil.example/x>" in " ".join(one.text.split())


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<mj-colum><mj-text>{{ items }}</mj-text></mj-colum>", "does not know"),
        ("<mj-column><mj-txt>{{ items }}</mj-txt></mj-column>", "does not know"),
        ('<mj-column><mj-text wrong="{{ items }}">x</mj-text></mj-column>', "marks were lost"),
        ("<mj-column><mj-text>{{ items }}</mj-column>", "broken.mjml: "),
    ],
)
def test_what_mrml_does_not_know_or_drops_is_an_error(tmp_path, settings, inside, problem) -> None:
    (tmp_path / "broken.mjml").write_text(f"<mjml><mj-body><mj-section>{inside}</mj-section></mj-body></mjml>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with pytest.raises(RenderError, match=problem):
        fragments.compiled("broken.mjml", {"items": fragments.mark("items")})


def test_a_post_without_a_text_is_left_out_and_named(composed, publish) -> None:
    broken = publish("gig")
    PostText.objects.filter(version=broken.current_version_id).delete()
    one = composed([broken, publish("vacancy", "Heel")])
    assert one.done.set_aside == (broken.current_version_id,)
    assert composed([broken]).done.body == b""


def test_composing_runs_no_query_once_the_posts_are_at_hand(organisation, alice, publish) -> None:
    posts = mixed(publish)
    run = Run.objects.create(due_at=dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC))
    digest = Digest.objects.create(run=run, member=alice, language="nl", due_at=run.due_at, message_id="<x@y>")
    composer = Composer(organisation)
    items = [Item(post.current_version_id, PLAIN) for post in posts]
    composer.compose(digest, alice, items, CONSENTS)
    with CaptureQueriesContext(connection) as queries:
        composer.compose(digest, alice, items, CONSENTS)
    assert len(queries) == 0


NAMES = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=100)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_name=NAMES, family_name=NAMES)
def test_any_name_makes_a_message_that_gives_it_back(composed, publish, alice, given_name, family_name) -> None:
    if not hasattr(alice, "_post"):
        alice._post = publish("gig")
    alice.given_name, alice.family_name = given_name, family_name
    one = composed([alice._post], member=alice)
    assert one.done.body.isascii()
    assert max(map(len, one.done.body.split(b"\r\n"))) <= 998
    assert [a.addr_spec for a in one.message["To"].addresses] == ["alice@thuis.example"]
    assert set(one.message.keys()) == {
        "MIME-Version", "From", "Reply-To", "List-Id", "List-Unsubscribe-Post", "Auto-Submitted", "Precedence",
        "Content-Language", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "Content-Type",
    }  # fmt: skip
    # Python's address parser puts a blank between encoded words that belong together; its older one does not.
    name, _address = parseaddr(str(make_header(decode_header(message_from_bytes(one.done.body)["To"]))))
    if alice.full_name.isprintable() and not set(alice.full_name) & set('"\\()<>@,:;.[]'):
        assert name.split() == alice.full_name.split()


@pytest.mark.parametrize("poison", ["Zoë\r\nBcc: all@thuis.example", "Zo\x00ë", "Zoë\nX-Evil: 1"])
def test_no_name_reaches_a_header_with_a_line_break_in_it(composed, publish, alice, poison) -> None:
    alice.given_name = poison
    message = composed([publish("gig")], member=alice).message
    assert message["Bcc"] is None
    assert message["X-Evil"] is None
    assert message["To"] == "alice@thuis.example"


@pytest.fixture
def server(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server


def test_what_was_sent_can_be_built_again_to_the_byte(alice, carol, publish, server) -> None:
    for post in mixed(publish):
        assert post.pk
    runs.plan_all(runs.start())
    deliver.hand_over_all()
    for digest in Digest.objects.all():
        again = rebuild.rebuild(digest)
        sent = next(one for one in server.accepted if one.to == digest.member.email)
        assert again.exact
        assert again.message == sent.data
        assert again.subject == digest.subject != ""


def test_it_is_still_exact_after_a_withdrawal_and_says_so_when_it_is_not(alice, publish, server) -> None:
    publish("gig")
    runs.plan_all(runs.start())
    deliver.hand_over_all()
    act = ledger.Act(method="rfc8058_one_click", channel="web", form_version="1", locale="nl")
    ledger.withdraw(member=alice, purposes=["gigs"], act=act)
    assert rebuild.rebuild(Digest.objects.get()).exact
    alice.given_name = "Alicia"
    alice.save()
    assert not rebuild.rebuild(Digest.objects.get()).exact


def test_each_item_can_name_the_event_that_allowed_it(alice, publish, server) -> None:
    publish("gig")
    runs.plan_all(runs.start())
    deliver.hand_over_all()
    act = ledger.Act(method="preference_page", channel="web", form_version="1", locale="nl")
    ledger.withdraw(member=alice, purposes=["gigs"], act=act)
    ledger.choose(member=alice, choices={"gigs": True}, act=act)
    event = rebuild.allowing_events(Digest.objects.get())["gigs"]
    assert (event.state, event.principal_uid) == ("given", alice.uid)
    assert event.seq <= Digest.objects.get().consent_seq


def test_the_members_own_links_can_be_left_out(alice, publish, server) -> None:
    publish("gig")
    runs.plan_all(runs.start())
    deliver.hand_over_all()
    shown = rebuild.rebuild(Digest.objects.get(), with_own_links=False)
    assert shown.exact
    assert shown.message == b""
    assert "/u/" not in shown.html + shown.text
    assert "Afmelden" in shown.html
