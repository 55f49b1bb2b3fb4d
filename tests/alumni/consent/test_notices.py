"""What is on the screen when consent is asked."""

import hashlib

import pytest
import time_machine

from alumni.consent import notices, wording
from alumni.consent.models import OFFERED_PURPOSES, ChangeKind, Notice, NoticeText
from backend.http.errors import InvalidInput

pytestmark = pytest.mark.django_db


def test_publishing_freezes_the_companys_data_in_each_language(organisation, author):
    with time_machine.travel("2026-11-21T09:00:00Z"):
        published = notices.publish_defaults(user=author)
    assert [(notice.purpose, notice.version, notice.change_kind) for notice in published] == [
        (purpose, 1, "material") for purpose in OFFERED_PURPOSES
    ]
    assert {notice.published_by for notice in published} == {author}
    text = NoticeText.objects.get(notice__purpose="vacancies", language="nl")
    assert text.heading == "Vacatures."
    assert text.label == (
        "Vacatures. We mailen je banen bij Maasveld, met het loon erbij. "
        "Hoogstens één keer per week, tenzij je zelf vaker kiest."
    )
    lines = text.text.split("\n")
    assert lines[:3] == [text.heading, text.explanation, ""]
    assert lines[3] == (
        "Maasveld, Keulsekade 140, 3532 AA Utrecht, KvK 12345678, is verantwoordelijk voor je gegevens. "
        "Alleen HR werkt ermee."
    )
    assert "Postbode Mail B.V. verstuurt de mails voor ons, in de EU. Verder niemand." in lines
    assert lines[-1] == "Versie 1, 21 november 2026."
    assert len(lines) == 3 + len(wording.MANDATORY_PARTS)
    english = NoticeText.objects.get(notice__purpose="vacancies", language="en")
    assert english.text.endswith("Version 1, 21 November 2026.")


def test_the_frame_holds_the_very_text_and_its_digest(notices):
    for text in NoticeText.objects.select_related("notice"):
        [processing] = text.frame["processing"]
        shown = processing["privacy_notice"]
        assert shown["text"] == text.text
        assert shown["sha256"] == text.sha256 == hashlib.sha256(text.text.encode()).hexdigest()
        assert (shown["notice_id"], shown["version"]) == (text.notice.purpose, 1)
        assert (processing["purpose"], processing["language"]) == (text.notice.purpose, text.language)
        assert "{" not in text.text


def test_consent_is_the_only_lawful_basis(notices):
    bases = {basis for text in NoticeText.objects.all() for basis in text.frame["processing"][0]["lawful_basis"]}
    assert bases == {"eu-gdpr:A6-1-a", "NL:Tw-11.7(1)"}


def test_publishing_again_changes_nothing(organisation):
    notices.publish_defaults()
    with time_machine.travel("2027-03-01T09:00:00Z"):
        assert notices.publish_defaults() == []
    assert Notice.objects.count() == 4


def test_a_change_of_the_companys_data_makes_an_editorial_version(organisation):
    notices.publish_defaults()
    organisation.street = "Nieuwegracht 1"
    organisation.save()
    published = notices.publish_defaults()
    assert [(notice.version, notice.change_kind) for notice in published] == [(2, "editorial")] * 4
    assert "Nieuwegracht 1" in notices.current("nl")["gigs"].text
    assert "Keulsekade" in NoticeText.objects.get(notice__purpose="gigs", notice__version=1, language="nl").text


def test_another_language_makes_a_new_version_too(organisation):
    organisation.languages = ["nl"]
    organisation.save()
    notices.publish_defaults()
    assert notices.current("en") == {}
    organisation.languages = ["nl", "en"]
    organisation.save()
    assert {notice.version for notice in notices.publish_defaults()} == {2}
    assert list(notices.current("en")) == list(OFFERED_PURPOSES)


def test_a_material_version_is_published_though_the_words_are_the_same(organisation):
    notices.publish_defaults()
    notice = notices.publish(purpose="gigs", change_kind=ChangeKind.MATERIAL)
    assert (notice.version, notice.change_kind) == (2, "material")
    assert notices.material_since() == {"gigs": 2, "vacancies": 1, "updates": 1, "matching": 1}


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"street": ""}, ["the postal address of the company"]),
        ({"name": "", "privacy_email": ""}, ["the name of the company", "the privacy contact of the company"]),
        ({"country": "FR"}, ["the supervisory authority of the company's country"]),
        ({"mail_processor_place": ""}, ["the place of who hands the mail over"]),
        ({"languages": []}, ["the languages of the company"]),
    ],
)
def test_nothing_is_published_without_the_companys_data(organisation, settings, changes, missing):
    from django.utils import translation

    for name, value in changes.items():
        setattr(organisation, name, value)
    organisation.save()
    with translation.override("en"), pytest.raises(InvalidInput) as refusal:
        notices.publish_defaults()
    assert [message for _field, _code, message in refusal.value.errors] == missing
    assert refusal.value.code == "notice_incomplete"
    assert Notice.objects.count() == 0


@pytest.mark.parametrize("part", wording.MANDATORY_PARTS)
def test_nothing_is_published_without_a_mandatory_part_in_every_language(organisation, monkeypatch, part):
    monkeypatch.setitem(wording.PARTS, part, {"nl": wording.PARTS[part]["nl"]})
    with pytest.raises(InvalidInput) as refusal:
        notices.publish_defaults()
    [(_field, code, message)] = refusal.value.errors
    assert code == "missing"
    assert part in message
    assert "en" in message
    assert Notice.objects.count() == 0


def test_nothing_is_published_in_a_language_without_words(organisation):
    organisation.languages = ["nl", "fr"]
    organisation.save()
    with pytest.raises(InvalidInput) as refusal:
        notices.publish_defaults()
    assert len(refusal.value.errors) == len(wording.MANDATORY_PARTS) + len(OFFERED_PURPOSES)


def test_a_company_without_a_row_publishes_nothing(db):
    with pytest.raises(InvalidInput):
        notices.publish_defaults()


def test_a_belgian_company_names_its_own_authority_and_rule(organisation):
    organisation.country, organisation.company_number = "BE", "0123.456.789"
    organisation.mail_processor = organisation.mail_processor_place = ""
    organisation.save()
    notices.publish_defaults()
    text = notices.current("nl")["gigs"]
    assert "ondernemingsnummer 0123.456.789" in text.text
    assert "Gegevensbeschermingsautoriteit: https://www.gegevensbeschermingsautoriteit.be" in text.text
    assert "We versturen de mails zelf. Verder krijgt niemand je gegevens." in text.text
    assert text.frame["processing"][0]["lawful_basis"] == ["eu-gdpr:A6-1-a", "BE:WER-XII.13"]
    assert [party["party_role"] for party in text.frame["parties"]] == ["controller", "supervisory_authority"]


def test_current_is_one_text_a_purpose_in_constant_queries(organisation, django_assert_num_queries):
    notices.publish_defaults()
    notices.publish(purpose="gigs", change_kind=ChangeKind.MATERIAL)
    with django_assert_num_queries(2):
        found = notices.current("nl")
    assert {purpose: text.notice.version for purpose, text in found.items()} == {
        "gigs": 2,
        "vacancies": 1,
        "updates": 1,
        "matching": 1,
    }
