"""The text of a draft."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.posts.models import PostText, WorkTerms
from notifications.social.channels import Limits, hashtag, length, limits
from notifications.social.text import Subject, compose, sentences_within

LIMITS = limits("linkedin_group")
TODAY = dt.date(2026, 11, 21)
TERMS = {
    "pay_min": Decimal(85),
    "pay_max": Decimal(95),
    "unit": "hour",
    "currency": "EUR",
    "place": "Utrecht",
    "hours_min": 24,
}


def _subject(kind="gig", **more):
    texts = {"title": "Meetdata van 40 pompstations", "summary": "Er missen stukken.", "body": "Je werkt waar je wilt."}
    texts |= {name: more.pop(name) for name in ("title", "summary", "body", "why") if name in more}
    terms = more.pop("terms", TERMS)
    defaults = {
        "skills": ["Python", "PostgreSQL"],
        "closes_on": dt.date(2026, 12, 4),
        "link": "https://netwerk.maasveld.example/p/meetdata",
        "is_public": True,
        "network": "Maasveld-netwerk",
    }
    return Subject(kind=kind, text=PostText(**texts), terms=WorkTerms(**terms) if terms else None, **(defaults | more))


def _compose(subject, language="nl", limits=LIMITS):
    with override(language):
        return compose(subject, limits=limits, language=language, today=TODAY)


def test_a_gig_reads_as_a_person_would_write_it():
    assert _compose(_subject()) == (
        "Klus voor een ZZP'er: Meetdata van 40 pompstations, Utrecht, €\u00a085 tot €\u00a095 per uur.\n\n"
        "24 uur per week, tarief exclusief btw.\n\n"
        "Er missen stukken.\n\n"
        "Je werkt waar je wilt.\n\n"
        "Reageren kan tot en met 4 december.\n\n"
        "Lees meer of reageer: https://netwerk.maasveld.example/p/meetdata\n\n"
        "#Zzp #Python #PostgreSQL"
    )


def test_a_vacancy_speaks_of_a_job_and_never_of_a_gig():
    text = _compose(
        _subject("vacancy", terms={**TERMS, "pay_min": Decimal(3200), "pay_max": Decimal(4100), "unit": "month"})
    )
    assert text.startswith(
        "Vacature: Meetdata van 40 pompstations, Utrecht, €\u00a03.200 tot €\u00a04.100 bruto per maand."
    )
    assert "Solliciteren kan tot en met 4 december." in text
    assert not re.search(r"klus|zzp|opdracht|tarief|freelance", text, re.I)


def test_a_gig_never_speaks_of_a_job():
    assert not re.search(r"vacature|baan|salaris|loon|bruto|sollicit", _compose(_subject(skills=[])), re.I)


def test_an_update_has_no_pay_and_says_why():
    text = _compose(_subject("update", terms=None, why="Het werd te klein.", closes_on=None, skills=[]))
    assert text.startswith(
        "Meetdata van 40 pompstations\n\nEr missen stukken.\n\nWaarom we dit doen: Het werd te klein."
    )
    assert text.endswith("#Nieuws #OudCollegas #Netwerk")


def test_another_language_is_written_in_that_language():
    text = _compose(_subject(title="Readings of 40 pumping stations"), "en")
    assert text.startswith(
        "Gig for a freelancer: Readings of 40 pumping stations, Utrecht, €\u00a085 to €\u00a095 an hour."
    )
    assert "#Freelance" in text


def test_outside_the_network_only_the_teaser_is_read():
    text = _compose(_subject(is_public=False, link="https://netwerk.maasveld.example/join/", body="Alleen voor leden."))
    assert "Alleen voor leden." not in text
    assert "https://netwerk.maasveld.example/join/" in text


@pytest.mark.parametrize("title", ["Kort", "x" * 200, "lang woord " * 18, "🙂" * 100])
def test_what_where_and_for_how_much_stand_before_the_fold(title):
    text = _compose(_subject(title=title.strip()))
    before = text.split("\n")[0]
    assert length(before) <= LIMITS.fold
    assert "Utrecht" in before
    assert "€\u00a085 tot €\u00a095 per uur" in before


def test_a_place_that_fills_the_fold_gives_way_to_the_pay():
    before = _compose(_subject(title="Lang " * 30, terms={**TERMS, "place": "Plaats " * 14})).split("\n")[0]
    assert length(before) <= LIMITS.fold
    assert before.endswith("per uur.")


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("Python", "#Python"),
        ("ambulant verpleegkundige", "#AmbulantVerpleegkundige"),
        ("GZ-psycholoog", "#GZPsycholoog"),
        ("Power BI", "#PowerBI"),
        ("ISO 17025", "#ISO17025"),
        ("snake_case", "#Snake_case"),
        ("kwaliteitszorg é", "#KwaliteitszorgÉ"),
        ("C#", ""),
        ("C++", ""),
        ("R", ""),
        ("2026", ""),
        ("€", ""),
        ("x" * 41, ""),
    ],
)
def test_a_hashtag_is_letters_digits_and_underscore(name, tag):
    assert hashtag(name) == tag


@pytest.mark.parametrize(
    "skills", [[], ["Python"], [f"Skill{n}" for n in range(9)], ["C++", "C#"], ["Python", "python"]]
)
def test_there_are_three_to_five_hashtags_each_on_its_own(skills):
    tags = _compose(_subject(skills=skills)).split("\n\n")[-1].split(" ")
    assert 3 <= len(tags) <= 5
    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r"#\w+", tag) for tag in tags)


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("Een. Twee. Drie.", 100, "Een. Twee. Drie."),
        ("Een. Twee. Drie.", 12, "Een. Twee."),
        ("Een. Twee. Drie.", 3, ""),
        ("Versie 3.5 is er. Meer volgt.", 20, "Versie 3.5 is er."),
        ("- een\n- twee\n- drie", 12, "- een\n- twee"),
        ("🙂. 🙂.", 4, "🙂."),
    ],
)
def test_what_does_not_fit_is_cut_at_a_sentence(text, room, kept):
    assert sentences_within(text, room) == kept


def test_a_long_body_is_cut_and_the_link_stays():
    text = _compose(_subject(body="Dit is een zin van de tekst. " * 300))
    assert length(text) <= LIMITS.max_length
    assert length(text) > LIMITS.max_length - 60
    assert "Lees meer of reageer: https://" in text
    assert text.split("\n\n")[-4].endswith("tekst.")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["gig", "vacancy", "update"]),
    title=st.text(min_size=1, max_size=200),
    summary=st.text(max_size=600),
    body=st.text(max_size=5000),
    why=st.text(max_size=600),
    place=st.text(max_size=100),
    skills=st.lists(st.text(max_size=100), max_size=30),
    link=st.integers(20, 480),
    room=st.sampled_from([1500, 3000]),
)
def test_no_post_makes_a_draft_that_is_too_long(kind, title, summary, body, why, place, skills, link, room):
    subject = _subject(
        kind,
        title=title,
        summary=summary,
        body=body,
        why=why,
        skills=skills,
        terms=None if kind == "update" else {**TERMS, "place": place},
        link="https://x.example/" + "a" * link,
    )
    text = _compose(subject, limits=Limits(room, 140, 3, 3, 5, TODAY))
    assert length(text) <= room
    assert subject.link in text
