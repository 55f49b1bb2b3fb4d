"""What the outbox holds on a person is theirs to see, and goes with them."""

from alumni.accounts.service_mail import queue
from alumni.members.models import Member
from notifications.mail import personal_data
from notifications.mail.models import ServiceMail


def _mails(alice: Member, bob: Member) -> None:
    ServiceMail.objects.all().delete()
    parts = {"subject": "Onderwerp", "text": "Dag"}
    queue(kind="receipt", to=alice.email, member_id=alice.pk, **parts)
    queue(kind="login_code", to="elders@thuis.example", user=alice.user, **parts)
    queue(kind="opt_in", to=alice.email.upper(), **parts)
    queue(kind="receipt", to=bob.email, member_id=bob.pk, **parts)
    ServiceMail.objects.filter(member=alice).update(state="handed_over", to="", body=b"")


def test_a_person_sees_their_service_mails(alice: Member, bob: Member) -> None:
    _mails(alice, bob)
    exported = personal_data.export(alice)["service_mails"]
    assert [(mail["kind"], mail["state"]) for mail in exported] == [
        ("opt_in", "planned"),
        ("login_code", "planned"),
        ("receipt", "handed_over"),
    ]


def test_erasure_takes_them_all_and_nobody_elses(alice: Member, bob: Member) -> None:
    _mails(alice, bob)
    personal_data.erase(alice)
    personal_data.erase(alice)
    assert list(ServiceMail.objects.values_list("member", "kind")) == [(bob.pk, "receipt")]
