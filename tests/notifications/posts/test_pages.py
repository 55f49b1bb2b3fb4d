"""The page of a post, and who may see it."""

import json
import re

import pytest
from django.test import Client

from notifications.posts import review, writing
from notifications.posts.markdown import to_html

pytestmark = pytest.mark.django_db


def _path(post):
    return f"/p/{post.slug}"


def _text(response):
    return response.content.decode()


def test_everybody_reads_a_public_post(make_post, publish):
    post = publish(make_post("gig", visibility="public", title="Meetdata van 40 pompstations", skills=["Python"]))
    response = Client().get(_path(post))
    assert response.status_code == 200
    assert "<h1>Meetdata van 40 pompstations</h1>" in _text(response)
    assert "€\u00a085 tot €\u00a095 per uur" in _text(response)
    assert '<meta property="og:title" content="Meetdata van 40 pompstations">' in _text(response)
    assert "noindex" not in response.headers.get("X-Robots-Tag", "")


def test_a_network_post_is_read_by_those_it_is_for_and_hr(
    make_post, publish, browser_of, alice, carol, reader, privacy_officer
):
    post = publish(make_post("gig", audience="freelancers"))
    status = {
        who: browser_of(user).get(_path(post)).status_code
        for who, user in {
            "nobody": None,
            "freelancer": carol.user,
            "alumna": alice.user,
            "reader": reader,
            "privacy officer": privacy_officer,
        }.items()
    }
    assert status == {"nobody": 404, "freelancer": 200, "alumna": 404, "reader": 200, "privacy officer": 404}


def test_who_left_reads_nothing_of_the_network(make_post, publish, browser_of, carol):
    post = publish(make_post("gig"))
    browser = browser_of(carol.user)
    carol.left_at = carol.joined_at
    carol.save()
    assert browser.get(_path(post)).status_code == 404


def _without_tokens(response, slug):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", _text(response)).replace(slug, "SLUG")


def test_what_is_not_for_you_looks_like_what_is_not_there(make_post, publish, browser_of, alice):
    hidden = publish(make_post("gig", audience="freelancers"))
    for browser in (Client(), browser_of(alice.user)):
        there, nowhere = browser.get(_path(hidden)), browser.get("/p/nothing-here-22222222")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert _without_tokens(there, hidden.slug) == _without_tokens(nowhere, "nothing-here-22222222")
        assert dict(there.headers).keys() == dict(nowhere.headers).keys()
    assert f"/accounts/login/?next=%2Fp%2F{hidden.slug}" in _text(Client().get(_path(hidden)))


@pytest.mark.parametrize("state", ["draft", "in_review", "approved"])
def test_what_is_not_published_has_no_page(make_post, author, approver, browser_of, state):
    post = make_post("gig", visibility="public")
    if state != "draft":
        review.submit(post=post, by=author)
    if state == "approved":
        review.approve(post=post, by=approver, answers=review.CLEAR)
    review_only_closed = browser_of(approver).get(_path(post))
    assert (Client().get(_path(post)).status_code, review_only_closed.status_code) == (404, 404)


def test_a_draft_that_was_closed_never_had_a_page(make_post):
    post = review.close(post=make_post("gig", visibility="public"))
    assert Client().get(_path(post)).status_code == 404


def test_a_closed_post_is_gone_and_says_so(make_post, publish):
    post = publish(make_post("vacancy", visibility="public"))
    review.close(post=post)
    response = Client().get(_path(post))
    assert response.status_code == 410
    assert "gesloten" in _text(response)
    assert "ld+json" not in _text(response)
    assert Client().get(_path(publish(make_post("gig")))).status_code == 404


def test_the_page_shows_the_approved_text_only(make_post, publish):
    post = publish(make_post("gig", visibility="public", title="Goedgekeurd"))
    writing.update(post=post, texts={"nl": {"title": "Nog niet gezien"}})
    assert "Goedgekeurd" in _text(Client().get(_path(post)))
    assert "Nog niet gezien" not in _text(Client().get(_path(post)))


def test_the_page_speaks_the_readers_language_where_it_can(make_post, publish):
    post = publish(make_post(visibility="public", texts={"nl": {"title": "Meetdata"}, "en": {"title": "Readings"}}))
    english = Client().get(_path(post), headers={"Accept-Language": "en"})
    assert '<article lang="en">' in _text(english)
    assert "Readings" in _text(english)
    assert "€\u00a085 to €\u00a095 an hour" in _text(english)


def test_nothing_that_an_author_writes_becomes_a_script(make_post, publish):
    evil = '</script><script>alert("x")</script><!--'
    post = publish(
        make_post(
            "vacancy",
            visibility="public",
            texts={"nl": {"title": evil, "summary": evil, "body": f"{evil}\n\n[x](javascript:alert(1))", "why": evil}},
            terms={"place": evil},
            skills=[evil],
        )
    )
    text = _text(Client().get(_path(post)))
    assert "<script>alert" not in text
    assert 'href="javascript' not in text
    assert text.count("</script>") == text.count("<script") == 1
    posting = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])
    assert posting["title"] == evil


def _posting(post):
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', _text(Client().get(_path(post))), re.S)
    return json.loads(found[1]) if found else None


def test_a_public_vacancy_tells_search_engines_what_it_offers(make_post, publish, organisation):
    import datetime as dt

    post = publish(
        make_post("vacancy", visibility="public", closes_on=dt.date(2030, 1, 31), skills=["Elektrotechniek"])
    )
    posting = _posting(post)
    assert posting["@type"] == "JobPosting"
    assert posting["hiringOrganization"]["name"] == "Maasveld"
    assert posting["jobLocation"]["address"]["addressLocality"] == "Utrecht"
    assert posting["baseSalary"]["value"] == {
        "@type": "QuantitativeValue", "minValue": 3200.0, "maxValue": 4100.0, "unitText": "MONTH",
    }  # fmt: skip
    assert posting["validThrough"] == "2030-01-31T23:59:59"
    assert posting["description"].startswith("<p>")
    assert posting["description"] != posting["title"]


def test_a_vacancy_that_is_only_remote_says_where_people_may_live(make_post, publish):
    posting = _posting(publish(make_post("vacancy", visibility="public", terms={"place": "", "remote": True})))
    assert (posting["jobLocationType"], "jobLocation" in posting) == ("TELECOMMUTE", False)
    assert posting["applicantLocationRequirements"]["name"] == "NL"


def test_only_a_public_vacancy_gives_out_job_data(make_post, publish, browser_of, reader):
    gig = publish(make_post("gig", visibility="public"))
    network = publish(make_post("vacancy"))
    assert _posting(gig) is None
    assert "ld+json" not in _text(browser_of(reader).get(_path(network)))
    assert browser_of(reader).get(_path(network))["X-Robots-Tag"] == "noindex"


ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](http://plain.example)",
    "![x](https://track.example/p.gif)",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=https://x.example></iframe>",
    "<p style='position:fixed' class=x id=y>x</p>",
    "<math><mtext></p><style><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[a]: javascript:alert(1)\n\n[a]",
    '<https://x.example/?a="onmouseover=alert(1)>',
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_only_listed_tags_and_addresses_come_out_of_markdown(attack):
    html = to_html(attack)
    tags = re.findall(r"<(/?)(\w+)([^>]*)>", html)
    assert {name for _slash, name, _attributes in tags} <= {
        "p",
        "a",
        "br",
        "h2",
        "h3",
        "ul",
        "ol",
        "li",
        "em",
        "strong",
    }
    for _slash, name, attributes in tags:
        assert re.fullmatch(r'( href="(https:|mailto:)[^"<>]*")?( rel="noopener noreferrer")?', attributes), (
            name,
            attributes,
        )


def test_what_markdown_is_for_comes_out():
    html = to_html(
        "# Kop\n\n## Tussen\n\n#### Klein\n\n- een\n- *twee* **drie**\n\n1. vier\n\n> vijf\n\n[zes](https://x.example)"
    )
    assert html == (
        "<h2>Kop</h2>\n<h2>Tussen</h2>\n<h3>Klein</h3>\n"
        "<ul>\n<li>een</li>\n<li><em>twee</em> <strong>drie</strong></li>\n</ul>\n"
        "<ol>\n<li>vier</li>\n</ol>\n<blockquote>\n<p>vijf</p>\n</blockquote>\n"
        '<p><a href="https://x.example" rel="noopener noreferrer">zes</a></p>'
    )


def test_pages_only_answer_to_looking(make_post, publish):
    post = publish(make_post("gig", visibility="public"))
    assert Client().post(_path(post)).status_code == 405
    assert Client().head(_path(post)).status_code == 200
