"""manage.py import_vacancies: idempotent, and by two people."""

import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from notifications.posts import review, writing
from notifications.posts.models import Post, PostVersion, Review

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).parents[3] / "examples" / "vacancies.csv"
SOURCE = "werkenbij.maasveld.example"


@pytest.fixture
def bring_in(author, approver, tmp_path):
    """Run the command on a file or on rows; returns what it printed."""

    def run(feed=None, *arguments, **options):
        feed = _lines() if feed is None else feed
        if isinstance(feed, list):
            path = tmp_path / "feed.csv"
            path.write_text("\n".join(feed) + "\n", encoding="utf-8")
            feed = path
        out = io.StringIO()
        people = {"submit_as": author.email, "approve_as": approver.email} | options
        call_command("import_vacancies", str(feed), "--publish", *arguments, stdout=out, **people)
        return out.getvalue()

    return run


def _lines():
    """The head of the example and one row of it without pay: ten vacancies, of which one is held."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    return [*lines[:9], next(line for line in lines if ",HR-adviseur," in line), lines[11]]


def _published():
    return Post.objects.filter(state="published")


def test_a_feed_becomes_published_vacancies_and_held_drafts(bring_in):
    printed = bring_in(EXAMPLE)
    assert _published().count() == 36
    assert dict(Post.objects.filter(state="draft").values_list("hold_reason").annotate(Count("id"))) == {
        "no_pay": 3,
        "odd_pay": 1,
    }
    assert printed.count(": held. ") == 4
    assert printed.count(": skipped. ") == 1
    assert "created 40, changed 0, unchanged 0, published 36, closed 0, held 4, wrong 1" in printed
    post = Post.objects.with_content().get(current_version__texts__title="Data-analist waterkwaliteit")
    text = post.current_version.text_in("nl")
    assert (post.kind, post.source, post.visibility) == ("vacancy", SOURCE, "public")
    assert (text.apply_url, text.summary) == (f"https://{SOURCE}/vacatures/data-analist-waterkwaliteit/", "")
    terms = post.current_version.terms
    assert (terms.pay_min, terms.pay_max, terms.unit, terms.place) == (3480, 4890, "month", "Utrecht, Zwolle")
    skills = {row.skill.name for row in post.current_version.skills.all()}
    assert {"SQL", "Python", "Power BI"} <= skills
    assert not {"Utrecht", "Zwolle", "Maasveld", "Werken bij Maasveld", "Vacatures Utrecht", "ICT vacature"} & skills


def test_the_two_people_are_recorded(bring_in, author, approver):
    bring_in()
    assert Review.objects.count() == 9
    assert set(Review.objects.values_list("submitted_by", "decided_by", "decision")) == {
        (author.pk, approver.pk, "approved")
    }
    assert set(Post.objects.values_list("author", flat=True)) == {author.pk}


def test_the_same_feed_again_changes_nothing(bring_in):
    bring_in(EXAMPLE)
    before = list(Post.objects.values_list("pk", "version", "updated_at"))
    printed = bring_in(EXAMPLE)
    assert list(Post.objects.values_list("pk", "version", "updated_at")) == before
    assert (PostVersion.objects.count(), Review.objects.count()) == (40, 36)
    assert "created 0, changed 0, unchanged 40, published 0, closed 0, held 4, wrong 1" in printed


def test_a_changed_row_is_a_new_version_of_the_same_post(bring_in):
    bring_in()
    printed = bring_in([line.replace("€2780-€3890", "€2900-€3990") for line in _lines()])
    post = Post.objects.get(versions__number=2)
    assert (post.state, post.current_version.number, post.current_version.terms.pay_max) == ("published", 2, 3990)
    assert "changed 1, unchanged 9" in printed


def test_what_hr_added_survives_a_changed_row(bring_in, author, approver):
    bring_in()
    post = _published().first()
    writing.update(
        post=post, texts={"nl": {"summary": "Met de hand."}, "en": {"title": "By hand"}}, terms={"hours_max": 36}
    )
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    old = f"€{post.current_version.terms.pay_min:.0f}-"
    bring_in([line.replace(old, "€2600-") if line.startswith(post.external_id) else line for line in _lines()])
    post.refresh_from_db()
    version = post.current_version
    assert (version.number, version.terms.pay_min, version.terms.hours_max) == (3, 2600, 36)
    assert version.text_in("nl").summary == "Met de hand."
    assert version.text_in("en").title == "By hand"


def test_nobodys_edit_in_the_making_is_approved_by_the_feed(bring_in):
    bring_in()
    post = _published().get(external_id=_lines()[1].split(",")[0])
    writing.update(post=post, texts={"nl": {"body": "Half geschreven"}})
    printed = bring_in([line.replace("€2780-€3690", "€2781-€3690") for line in _lines()])
    post.refresh_from_db()
    assert (post.state, post.current_version.number) == ("published", 1)
    assert post.versions.get(approved_at=None).terms.pay_min == 2781
    assert "somebody is working on Monteur gemalen" in printed


def test_a_held_row_goes_out_when_its_pay_comes(bring_in):
    bring_in()
    rows = [line.replace(",marktconform,", ",€3700-€5100,") for line in _lines()]
    assert "changed 1" in bring_in(rows)
    post = Post.objects.get(current_version__texts__title="HR-adviseur")
    assert (post.state, post.hold_reason, post.current_version.terms.pay_min) == ("published", "", 3700)


def test_pay_that_hr_looked_up_is_kept_while_the_feed_names_none(bring_in, author, approver):
    bring_in()
    post = Post.objects.get(versions__texts__title="HR-adviseur")
    writing.update(post=post, terms={"pay_min": 3700, "pay_max": 5100, "unit": "month"})
    review.submit(post=post, by=author)
    review.approve(post=post, by=approver, answers=review.CLEAR)
    review.publish(post=post, by=approver)
    bring_in([line.replace("HR-adviseur", "HR-adviseur verzuim") for line in _lines()])
    post.refresh_from_db()
    assert (post.state, post.hold_reason, post.current_version.number) == ("published", "", 2)
    assert post.current_version.terms.pay_min == 3700


def test_what_left_the_feed_is_closed(bring_in):
    bring_in()
    rows = _lines()
    printed = bring_in([*rows[:3], *rows[6:]])
    gone = {line.split(",")[0] for line in rows[3:6]}
    assert set(Post.objects.filter(state="closed").values_list("external_id", flat=True)) == gone
    assert "closed 3" in printed
    assert "was closed before" in bring_in()
    assert Post.objects.filter(state="closed").count() == 3


@pytest.mark.parametrize("rows", [2, 5])
def test_a_feed_that_looks_broken_closes_nothing(bring_in, rows):
    bring_in()
    printed = bring_in(_lines()[:rows])
    assert not Post.objects.filter(state="closed").exists()
    assert "the feed looks broken" in printed


def test_an_empty_feed_is_refused(bring_in):
    bring_in()
    with pytest.raises(CommandError, match="no vacancies"):
        bring_in(_lines()[:1])
    assert _published().count() == 9


def test_a_row_that_went_bad_does_not_close_its_post(bring_in):
    bring_in()
    rows = _lines()
    job_id = rows[1].split(",")[0]
    rows[1] = rows[1].replace(",Monteur gemalen,", ",,")
    assert "wrong 1" in bring_in(rows)
    assert Post.objects.get(external_id=job_id).state == "published"


def test_posts_of_others_are_left_alone(bring_in, make_post, publish):
    ours = publish(make_post("vacancy"))
    theirs = publish(make_post("vacancy", source="elsewhere", external_id="1"))
    bring_in()
    bring_in(_lines()[:8])
    assert {ours, theirs} <= set(_published())


def test_a_dry_run_says_it_and_changes_nothing(bring_in):
    printed = bring_in(EXAMPLE, "--dry-run")
    assert "would be: created 40" in printed
    assert printed.count(": held. ") == 4
    assert not Post.objects.exists()


def test_without_publish_they_wait_approved(author, approver):
    call_command(
        "import_vacancies", str(EXAMPLE), submit_as=author.email, approve_as=approver.email, stdout=io.StringIO()
    )
    assert dict(Post.objects.values_list("state").annotate(Count("id"))) == {"approved": 36, "draft": 4}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"approve_as": "marieke@maasveld.example"}, "name two people"),
        ({"approve_as": "nobody@maasveld.example"}, "Nobody of HR"),
        ({"approve_as": "rita@maasveld.example"}, "posts:publish"),
        ({"submit_as": "rita@maasveld.example"}, "posts:write"),
        ({"audience": "bosses"}, "no audience"),
    ],
)
def test_who_may_not_stand_behind_it_is_refused(bring_in, reader, options, says):
    with pytest.raises(CommandError, match=says):
        bring_in(EXAMPLE, **options)
    assert not Post.objects.exists()


def test_a_file_that_is_not_there_is_said(bring_in, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        bring_in(tmp_path / "nothing.csv")


def test_the_example_is_what_its_script_writes(tmp_path):
    import runpy

    made = runpy.run_path(str(EXAMPLE.parents[1] / "scripts" / "make_vacancy_example.py"))
    made["main"].__globals__["FILE"] = tmp_path / "vacancies.csv"
    made["main"]()
    assert (tmp_path / "vacancies.csv").read_bytes() == EXAMPLE.read_bytes()


REAL = Path(os.environ.get("REAL_DATA", "")) / "vacancies_ggz.csv"


@pytest.mark.skipif(not os.environ.get("REAL_DATA") or not REAL.exists(), reason="REAL_DATA names no real vacancies")
def test_the_real_vacancies_land(bring_in):
    printed = bring_in(REAL)
    assert "136 rows" in printed
    assert (_published().count(), Post.objects.filter(hold_reason="no_pay").count()) == (130, 5)
    assert Post.objects.filter(hold_reason="odd_pay").count() == 1
    for post in _published().with_content():
        text, terms = post.current_version.text_in("nl"), post.current_version.terms
        names = {row.skill.name.casefold() for row in post.current_version.skills.all()}
        assert "utm_" not in text.apply_url
        assert text.summary == ""
        assert not text.title.endswith(".")
        assert terms.unit == "month"
        assert 2000 < terms.pay_min <= terms.pay_max
        assert terms.place in {"Amsterdam", "Amstelveen", "Haarlem", "Bennebroek", "Hoofddorp"}
        assert 3 <= len(names) <= 15
        assert not any("vacature" in name or "ingeest" in name or "werken bij" in name for name in names)
        assert not names & {"amsterdam", "amstelveen", "haarlem", "bennebroek", "hoofddorp", "ggz", "(basis", "ggz)"}
    assert "created 0, changed 0, unchanged 136" in bring_in(REAL)
