"""The match: deterministic, explained, blind for what it must not see."""

import dataclasses
import datetime as dt
import random

import pytest

from alumni.members.models import SkillAlias
from alumni.members.skills import resolve, set_skills
from notifications.digests import facts, reasons
from notifications.digests.match import Board, MemberFacts, PostFacts, Role, rank, words_of

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
PYTHON, SQL, EXCEL = 1, 2, 3
NAMES = {PYTHON: "Python", SQL: "SQL", EXCEL: "Excel"}


def post(number, *, required=(), wished=(), title="", place="", start=None, kind="gig", purpose="gigs", age=1):
    return PostFacts(
        post_id=number,
        version_id=number,
        kind=kind,
        purpose=purpose,
        published_at=NOW - dt.timedelta(days=age),
        skills={s: (NAMES[s], True) for s in required} | {s: (NAMES[s], False) for s in wished},
        title_words=words_of(title),
        place=place,
        city=place.casefold(),
        start=start,
    )


def member(**fields):
    return MemberFacts(1, **{"matching": True, "consents": {"gigs": dt.date(2026, 3, 12)}, **fields})


def order(ranked):
    return [one.post.post_id for one in ranked]


def test_a_required_skill_outweighs_all_the_rest_together() -> None:
    start = dt.date(2027, 1, 4)
    a = post(1, required=[PYTHON])
    b = post(2, wished=[SQL], place="Utrecht", start=start, age=0)
    someone = member(skills=frozenset({PYTHON, SQL}), city="utrecht", available_from=start)
    ranked = rank(someone, Board([a, b]))
    assert order(ranked) == [1, 2]
    assert ranked[0].parts == {"skills": 12}
    assert ranked[1].parts == {"skills": 4, "availability": 3, "place": 2}


def test_a_required_skill_that_is_missing_excludes_nobody() -> None:
    ranked = rank(member(skills=frozenset({EXCEL})), Board([post(1, required=[PYTHON])]))
    assert order(ranked) == [1]
    assert ranked[0].reason == {"code": "consent", "purpose": "gigs", "on": "2026-03-12"}


def test_the_reason_names_the_most_specific_first_and_at_most_two() -> None:
    start = dt.date(2027, 3, 1)
    someone = member(
        skills=frozenset({PYTHON}),
        roles=(Role("Data-analist", words_of("Data-analist")),),
        city="utrecht",
        available_from=start,
        hours=24,
    )
    fitting = post(1, required=[PYTHON], title="Analist gezocht", place="Utrecht", start=start)
    ranked = rank(someone, Board([fitting]))
    assert ranked[0].parts == {"skills": 12, "role": 8, "availability": 3, "place": 2}
    assert [clause["code"] for clause in ranked[0].reason["clauses"]] == ["skills", "role"]


def test_a_place_or_free_time_alone_makes_no_match() -> None:
    start = dt.date(2027, 3, 1)
    someone = member(city="utrecht", available_from=start)
    ranked = rank(someone, Board([post(1, place="Utrecht", start=start)]))
    assert ranked[0].parts == {}
    assert ranked[0].reason["code"] == "consent"


@pytest.mark.parametrize(
    ("available_from", "available_until", "fits"),
    [
        (dt.date(2027, 3, 1), None, True),
        (dt.date(2026, 1, 1), dt.date(2027, 3, 1), True),
        (dt.date(2027, 3, 2), None, False),
        (dt.date(2026, 1, 1), dt.date(2027, 2, 28), False),
        (None, None, False),
    ],
)
def test_free_at_the_start_counts(available_from, available_until, fits) -> None:
    someone = member(skills=frozenset({PYTHON}), available_from=available_from, available_until=available_until)
    ranked = rank(someone, Board([post(1, required=[PYTHON], start=dt.date(2027, 3, 1))]))
    assert ("availability" in ranked[0].parts) is fits


@pytest.mark.parametrize(
    ("role", "title", "fits"),
    [
        ("Verpleegkundige", "Verpleegkundige crisisdienst (m/v/x)", True),
        ("Senior GZ-psycholoog", "GZ-psycholoog volwassenen", True),
        ("Medewerker administratie", "Medewerker beveiliging", False),  # a common word says nothing
        ("Senior manager", "Manager zorg", False),
        ("Projectleider water en klimaat", "Projectleider klimaat", True),
        ("Projectleider water en klimaat", "Klimaat", False),
    ],
)
def test_a_role_fits_a_title_by_its_significant_words(role, title, fits) -> None:
    someone = member(roles=(Role(role, words_of(role)),))
    assert bool(rank(someone, Board([post(1, title=title)]))[0].parts) is fits


def test_equal_ones_come_newest_first_and_the_order_is_always_the_same() -> None:
    posts = [post(n, required=[PYTHON], age=n % 5) for n in range(40)]
    someone = member(skills=frozenset({PYTHON}))
    first = rank(someone, Board(posts))
    for seed in range(10):
        random.Random(seed).shuffle(posts)
        assert rank(someone, Board(posts)) == first
    ages = [(one.post.published_at, one.post.post_id) for one in first]
    assert ages == sorted(ages, reverse=True)


def test_switched_off_gives_the_same_posts_without_an_order_or_a_profile() -> None:
    posts = Board([post(1, required=[PYTHON], age=9), post(2, age=1), post(3, age=4)])
    on = rank(member(skills=frozenset({PYTHON})), posts)
    off = rank(member(matching=False, skills=frozenset({PYTHON})), posts)
    assert sorted(order(on)) == sorted(order(off))
    assert order(on) == [1, 2, 3]
    assert order(off) == [2, 3, 1]
    assert [(one.parts, one.reason) for one in off] == [({}, {"code": "purpose", "purpose": "gigs"})] * 3


def test_the_limit_takes_the_best_of_those_that_are_eligible() -> None:
    posts = Board([post(n, required=[PYTHON] if n % 2 else [], age=n) for n in range(20)])
    someone = member(skills=frozenset({PYTHON}))
    whole = [n for n in order(rank(someone, posts)) if n > 3]
    assert order(rank(someone, posts, eligible=set(range(4, 20)), limit=5)) == whole[:5]


def test_no_rule_can_see_sex_age_origin_photo_or_name() -> None:
    assert {field.name for field in dataclasses.fields(MemberFacts)} == {
        "member_id", "matching", "skills", "roles", "city", "available_from", "available_until", "hours", "consents",
    }  # fmt: skip


def test_synonyms_and_merged_skills_are_one(alice, publish) -> None:
    set_skills(member=alice, names=["PostgreSQL"])
    skill = resolve(["PostgreSQL"])["postgresql"]
    SkillAlias.objects.get_or_create(key="pgsql", defaults={"skill": skill})
    old = resolve(["Elefantbase"])["elefantbase"]
    by_alias, by_merged = publish(required=["PgSQL"]), publish(required=["Elefantbase"])
    old.merged_into = skill
    old.save()
    board = Board(facts.of_posts([by_alias, by_merged], facts.merged_skills()))
    consents = {alice.pk: {"matching": TODAY, "gigs": TODAY}}
    known = facts.of_members([alice], consents, facts.merged_skills())[alice.pk]
    ranked = rank(known, board)
    assert [one.parts["skills"] for one in ranked] == [12, 12]
    assert ranked[0].reason["clauses"][0]["skills"] == ["PostgreSQL"]


def test_without_consent_for_matching_the_profile_is_not_even_read(alice) -> None:
    known = facts.of_members([alice], {alice.pk: {"gigs": TODAY}}, {})[alice.pk]
    assert known == MemberFacts(alice.pk, matching=False, consents={"gigs": TODAY})


@pytest.mark.parametrize(
    ("reason", "dutch", "english"),
    [
        (
            {
                "code": "match",
                "clauses": [{"code": "skills", "skills": ["PostgreSQL"]}, {"code": "available", "from": "2027-03-01"}],
            },
            "Past bij jou omdat je PostgreSQL noemt en vanaf 1 maart kunt.",
            "Fits you because you list PostgreSQL and are free from 1 March.",
        ),
        (
            {
                "code": "match",
                "clauses": [
                    {"code": "skills", "skills": ["Python", "SQL", "Django"]},
                    {"code": "available", "from": "2028-01-04", "hours": 24},
                ],
            },
            "Past bij jou omdat je Python, SQL en Django noemt en vanaf 4 januari 2028 24 uur per week kunt.",
            "Fits you because you list Python, SQL and Django and are free 24 hours a week from 4 January 2028.",
        ),
        (
            {
                "code": "match",
                "clauses": [{"code": "role", "role": "Verpleegkundige"}, {"code": "place", "place": "Gent"}],
            },
            "Past bij jou omdat je hier als Verpleegkundige werkte en in Gent woont.",
            "Fits you because you worked here as Verpleegkundige and live in Gent.",
        ),
        (
            {"code": "match", "clauses": [{"code": "available", "from": "2026-01-04", "hours": 24}]},
            "Past bij jou omdat je nu 24 uur per week kunt.",
            "Fits you because you are free 24 hours a week now.",
        ),
        (
            {"code": "consent", "purpose": "vacancies", "on": "2026-03-12"},
            "Je krijgt dit omdat je op 12 maart 2026 toestemming gaf voor vacatures.",
            "You get this because you gave consent for vacancies on 12 March 2026.",
        ),
        (
            {"code": "purpose", "purpose": "gigs"},
            "Je krijgt dit omdat je klussen wilt ontvangen.",
            "You get this because you want to get gigs.",
        ),
        (
            {"code": "purpose", "purpose": "updates"},
            "Je krijgt dit omdat je nieuws van Maasveld wilt ontvangen.",
            "You get this because you want to get news from Maasveld.",
        ),
    ],
)
def test_a_reason_is_a_sentence_in_the_members_language(reason, dutch, english) -> None:
    assert reasons.sentence(reason, "nl", today=TODAY, company="Maasveld") == dutch
    assert reasons.sentence(reason, "en", today=TODAY, company="Maasveld") == english


def test_the_html_of_a_reason_is_escaped() -> None:
    reason = {"code": "match", "clauses": [{"code": "skills", "skills": ["<b>C&C</b>"]}]}
    html = reasons.sentence_html(reason, "nl", today=TODAY, company="M")
    assert html == "<b>Past bij jou</b> omdat je &lt;b&gt;C&amp;C&lt;/b&gt; noemt."
