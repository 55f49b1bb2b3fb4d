"""Erasing a member: once, completely, and so that they cannot be entered again by mistake."""

import email
import email.policy
import json

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from alumni.accounts.models import ApiToken, IdempotentReply, Session, User
from alumni.accounts.sessions import SessionStore
from alumni.consent import export, suppression, verifier
from alumni.consent.models import ConsentEvent, ConsentEvidence, ConsentState, Suppression
from alumni.joining.signals import erasure_wanted
from alumni.members.models import Member, MemberSkill, Skill
from alumni.privacy import registry
from alumni.privacy.erasure import erase
from alumni.privacy.signals import member_erased
from notifications.mail.models import ServiceMail

pytestmark = pytest.mark.django_db


def test_what_identifies_goes_and_the_events_stay_and_verify(alice, carol):
    erase(member=alice)
    assert not Member.objects.filter(pk=alice.pk).exists()
    assert not User.objects.filter(email=alice.email).exists()
    assert not ConsentState.objects.filter(member_id=alice.pk).exists()
    hers = ConsentEvidence.objects.filter(event__principal_uid=alice.uid)
    assert set(hers.values_list("person", "link")) == {(None, None)}
    assert ConsentEvent.objects.filter(principal_uid=alice.uid).count() == 4
    report = verifier.verify(export.lines())
    assert (report.problems, report.blanked) == ([], 4)
    # Nobody else is touched.
    assert Member.objects.filter(pk=carol.pk).exists()
    others = ConsentEvidence.objects.filter(event__principal_uid=carol.uid)
    assert all(row.person and row.link for row in others)


def test_the_address_stays_suppressed_as_a_keyed_hash_alone(alice):
    erase(member=alice)
    assert suppression.is_suppressed("ALICE@Thuis.Example")
    row = Suppression.objects.get()
    assert row.reason == "erased_do_not_contact"
    assert "alice" not in str(Suppression.objects.values().get())


def test_the_own_new_opt_in_lifts_it(alice, make_member):
    erase(member=alice)
    again = make_member("Alice", consents=["gigs"])
    assert not suppression.is_suppressed(again.email)
    assert again.uid != alice.uid


def test_the_last_mail_goes_out_in_their_language_and_names_no_member(alice):
    erase(member=alice)
    [mail] = ServiceMail.objects.exclude(to="")
    assert (mail.kind, mail.to, mail.member, mail.user) == ("privacy_answer", "alice@thuis.example", None, None)
    assert "alice" not in mail.dedupe_key
    message = email.message_from_bytes(bytes(mail.body), policy=email.policy.default)
    assert message["Subject"] == "Je gegevens zijn gewist"
    assert "Dit is onze laatste mail aan jou." in " ".join(message.get_body(("plain",)).get_content().split())


def test_a_second_time_does_nothing(alice):
    erase(member=alice)
    before = ServiceMail.objects.count(), Suppression.objects.count(), ConsentEvent.objects.count()
    erase(member=alice)
    assert (ServiceMail.objects.count(), Suppression.objects.count(), ConsentEvent.objects.count()) == before


def test_logins_and_tokens_go(alice, api_of, browser_of):
    api, browser = api_of(alice), browser_of(alice.user)
    assert api.get("/me/consents/").status_code == 200
    erase(member=alice)
    assert api.get("/me/consents/").status_code == 401
    assert not Session.objects.exists()
    assert not ApiToken.objects.exists()
    assert browser.get("/account/").status_code in {302, 404}


def test_who_works_for_hr_keeps_the_account_of_their_work(author, make_member):
    member = make_member("Marieke", email=author.email)
    assert member.user == author
    erase(member=member)
    author.refresh_from_db()
    assert author.is_active
    assert not Member.objects.exists()


def test_the_back_offices_log_forgets_the_name(alice, author):
    entry = LogEntry.objects.create(
        user=author,
        content_type=ContentType.objects.get_for_model(Member),
        object_id=str(alice.pk),
        object_repr="Alice de Vries",
        action_flag=CHANGE,
        change_message='[{"changed": {"name": "skill", "object": "Alice: Python"}}]',
    )
    other = LogEntry.objects.create(
        user=author,
        content_type=ContentType.objects.get_for_model(Member),
        object_id="999999",
        object_repr="Bob",
        action_flag=CHANGE,
    )
    erase(member=alice)
    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.object_repr, entry.change_message, entry.user) == ("", "", author)
    assert other.object_repr == "Bob"


def test_answers_that_were_kept_for_repeats_go_when_they_name_the_person(alice, make_member):
    carol = make_member("Carol")

    def keep(key, caller, said):
        IdempotentReply.objects.create(
            caller=caller, key=key, request_sha256="0" * 64, status=201, body=json.dumps(said, ensure_ascii=False)
        )

    keep("id", "client:1", {"id": str(alice.uid)})
    keep("address", "client:1", {"email": "Alice@Thuis.example"})
    keep("name", "user:1", {"name": "Alice de Vries"})
    keep("theirs", f"user:{alice.user_id}", {"results": []})
    keep("other", "client:1", {"id": str(carol.uid), "name": "Carol de Vries"})
    erase(member=alice)
    assert list(IdempotentReply.objects.values_list("key", flat=True)) == ["other"]


def test_a_login_that_was_begun_is_forgotten_and_others_are_not(alice, client):
    for address in ("alice@thuis.example", "carol@thuis.example"):
        Client().post("/accounts/login/", {"email": address})
    assert Session.objects.count() == 2
    erase(member=alice)
    [left] = Session.objects.all()
    assert "carol" in json.dumps(SessionStore().decode(left.session_data))


def test_a_skill_that_was_theirs_alone_goes_and_a_shared_one_stays(alice, make_member):
    from alumni.members.skills import set_skills

    set_skills(member=alice, names=["Kantklossen met Oma Truus", "Scala", "Django"])
    make_member("Bob", skills=["Scala"])
    erase(member=alice)
    assert not Skill.objects.filter(name__contains="Truus").exists()
    assert Skill.objects.filter(name="Scala").exists()
    assert MemberSkill.objects.count() == 1


def test_it_is_announced_with_the_uid_after_the_member_is_gone(alice):
    heard = []

    def listen(sender, member_uid, **_kwargs):
        heard.append((member_uid, Member.objects.filter(pk=alice.pk).exists()))

    member_erased.connect(listen)
    try:
        erase(member=alice)
        erase(member=alice)
    finally:
        member_erased.disconnect(listen)
    assert heard == [(alice.uid, False)]


def test_when_one_room_fails_nothing_is_erased(alice, monkeypatch):
    from alumni.members import personal_data

    def fail(_member):
        raise RuntimeError

    monkeypatch.setattr(personal_data, "erase", fail)
    with pytest.raises(RuntimeError):
        erase(member=alice)
    assert Member.objects.filter(pk=alice.pk).exists()
    assert ConsentEvidence.objects.filter(person=None).count() == 0
    assert not Suppression.objects.exists()
    assert not ServiceMail.objects.exists()


@pytest.mark.parametrize(("on_request", "stays"), [(True, {"erased_do_not_contact"}), (False, set())])
def test_joining_has_people_erased_by_saying_so(notices, on_request, stays):
    member = Member.objects.create(given_name="Ivo", family_name="X", email="ivo@thuis.example", is_alumnus=True)
    erasure_wanted.send(sender=Member, member_id=member.pk, on_request=on_request)
    assert not Member.objects.exists()
    assert set(Suppression.objects.values_list("reason", flat=True)) == stays
    assert not ServiceMail.objects.exists()  # whoever wants no contact gets no mail about it either
    erasure_wanted.send(sender=Member, member_id=member.pk, on_request=on_request)


def test_everything_held_on_a_member_can_be_exported_as_json(alice, carol):
    told = json.loads(json.dumps(registry.export(alice)))
    assert told["alumni.members"]["profile"]["given_name"] == "Alice"
    assert told["alumni.members"]["skills"] == ["PostgreSQL", "Python"]
    assert len(told["alumni.consent"]["consent_records"]) == 4
    assert told["alumni.accounts"]["login"]["email"] == "alice@thuis.example"
    assert "carol" not in json.dumps(told).lower()
