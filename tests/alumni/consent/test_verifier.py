"""Whoever changes, deletes, swaps, adds or cuts is found, and named."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from alumni.consent import export, ledger, signature, verifier
from alumni.consent.models import ConsentEvent, ConsentEvidence, ConsentRecord, LedgerHead, NoticeText
from alumni.members.models import Member

pytestmark = pytest.mark.django_db


@pytest.fixture
def ten(notices, on_the_page):
    """A ledger of ten events of three members; the head is at 10."""
    members = [
        Member.objects.create(given_name=f"M{i}", family_name="X", email=f"m{i}@thuis.example", is_alumnus=True)
        for i in range(3)
    ]
    for member in members:
        ledger.choose(member=member, choices={"gigs": True, "updates": False, "matching": True}, act=on_the_page)
    ledger.withdraw(member=members[0], purposes=["gigs"], act=on_the_page)
    return members


def problems(**kwargs):
    return verifier.verify(export.lines(), **kwargs).problems


def exported():
    """The lines as a file holds them."""
    return [json.loads(export.as_text(line)) for line in export.lines()]


def test_a_clean_ledger_says_how_many_events_it_has(ten):
    report = verifier.verify(export.lines())
    assert (report.events, report.wrong, report.blanked) == (10, 0, 0)
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "10 events" in out.getvalue()
    assert "Every event is in its place and unchanged." in out.getvalue()


def test_an_empty_ledger_is_clean(db):
    assert verifier.verify(export.lines()).wrong == 0


FIELDS = {
    "state": "renewed",
    "expression": "Ja",
    "event_time": "2020-01-01T00:00:00Z",
    "validity_duration": "P99M",
    "method": "mailto",
    "channel": "phone",
    "form_version": "other/2",
    "locale": "fr",
    "actor": "staff",
    "event_uid": "01a1fd62-5778-7a1c-9b2e-4f60718293a4",
    "person_sha256": "0" * 64,
    "link_sha256": "0" * 64,
    "record_sha256": "0" * 64,
    "hash": "0" * 64,
    "doi_sent_at": "2020-01-01T00:00:00Z",
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_changed_field_of_an_event_is_found(ten, tamper, field):
    values = {field: FIELDS[field]}
    if field == "doi_sent_at":
        values["doi_confirmed_at"] = FIELDS[field]
    tamper(lambda: ConsentEvent.objects.filter(seq=4).update(**values))
    found = problems()
    assert found
    assert all("Event 4" in problem or "event 4" in problem for problem in found)


def test_the_columns_beside_the_hashed_ones_are_checked_too(ten, tamper):
    tamper(lambda: ConsentEvent.objects.filter(seq=4).update(purpose="vacancies"))
    assert problems() == ["Event 4 says vacancies; its record says gigs."]
    tamper(lambda: ConsentEvent.objects.filter(seq=4).update(purpose="gigs", principal_uid=ten[2].uid))
    assert problems() == ["Event 4 names another person than its record."]


def test_an_event_moved_to_another_persons_record_is_found(ten, tamper):
    other = ConsentRecord.objects.get(principal_uid=ten[2].uid, notice_text__notice__purpose="gigs")
    tamper(lambda: ConsentEvent.objects.filter(seq=4).update(record=other, principal_uid=ten[2].uid))
    [problem] = problems()
    assert problem.startswith("Event 4: its record was changed or is another's")


def test_a_changed_record_is_found_in_each_of_its_events(ten, tamper):
    tamper(lambda: ConsentRecord.objects.filter(events__seq=1).update(created_at="2020-01-01T00:00:00Z"))
    assert [problem.split(":")[0] for problem in problems()] == ["Event 1", "Event 10"]


def test_a_changed_notice_is_found(ten, tamper):
    text = ConsentEvent.objects.get(seq=1).record.notice_text
    tamper(lambda: NoticeText.objects.filter(pk=text.pk).update(text=text.text + " We may do anything."))
    assert problems() == ["The notice gigs 1: its text was changed; it does not fit the SHA-256 in it."]
    text.frame["processing"][0]["recipient_third_parties"] = ["party:everybody"]
    tamper(lambda: NoticeText.objects.filter(pk=text.pk).update(text=text.text, frame=text.frame))
    assert [problem.split(":")[0] for problem in problems()] == ["Event 1", "Event 4", "Event 7", "Event 10"]


def test_changed_evidence_is_found_and_blanked_evidence_is_not_a_fault(ten, tamper):
    person = ConsentEvidence.objects.get(pk=4).person | {"ip_truncated": "198.51.100.0/24"}
    tamper(lambda: ConsentEvidence.objects.filter(pk=4).update(person=person))
    assert problems() == ["Event 4: the evidence (person) was changed; it does not fit its digest."]
    ConsentEvidence.objects.filter(pk=4).update(person=None, link=None)
    report = verifier.verify(export.lines())
    assert (report.wrong, report.blanked) == (0, 1)


@pytest.mark.parametrize(("gone", "words"), [([4], "Event 4 is missing"), ([4, 5, 6], "Events 4 to 6 are missing")])
def test_deleted_events_are_found(ten, tamper, gone, words):
    def delete():
        ConsentEvidence.objects.filter(pk__in=gone)._raw_delete("default")
        ConsentEvent.objects.filter(seq__in=gone)._raw_delete("default")

    tamper(delete)
    assert problems() == [f"{words}: after 3 comes {gone[-1] + 1}."]


def test_a_deleted_first_event_is_found(ten, tamper):
    def delete():
        ConsentEvidence.objects.filter(pk=1)._raw_delete("default")
        ConsentEvent.objects.filter(seq=1)._raw_delete("default")

    tamper(delete)
    assert problems() == ["Event 1 is missing: after 0 comes 2."]


def test_two_swapped_events_are_found(ten, tamper):
    def swap():
        ConsentEvidence.objects.filter(pk__in=[4, 5])._raw_delete("default")
        ConsentEvent.objects.filter(seq=4).update(seq=99)
        ConsentEvent.objects.filter(seq=5).update(seq=4)
        ConsentEvent.objects.filter(seq=99).update(seq=5)

    tamper(swap)
    found = problems()
    assert "Event 4 was changed: it does not fit its own hash." in found
    assert "Event 5 was changed: it does not fit its own hash." in found


def test_an_event_put_in_behind_the_end_is_found(ten, tamper):
    last = ConsentEvent.objects.get(seq=10)
    last.seq, last.event_uid, last._state.adding = 11, None, True
    from alumni.accounts.uid import uuid7

    last.event_uid = uuid7()
    last.save(force_insert=True)  # the triggers let it pass: it is an insert
    assert any("Event 11 was changed" in problem for problem in problems())


def test_a_whole_ledger_rewritten_from_a_point_is_found_by_a_kept_head(ten, tamper):
    kept = export.signed_head(ledger.head())
    rewrite_from(4, tamper)
    assert problems() == []  # it is a chain in itself
    assert problems(head=kept) == [
        "Event 10 is not the one that the head knows: the ledger was written anew up to there."
    ]


def test_an_event_that_was_rewritten_with_its_own_hash_breaks_the_chain_behind_it(ten, tamper):
    rewrite_from(4, tamper, until=4)
    assert problems() == ["Event 5 does not follow event 4: one of the two was put in, replaced or changed."]


def test_a_first_event_that_follows_something_is_found(ten, tamper):
    lines = exported()
    first = next(line for line in lines if "event" in line)
    first["event"]["ext"]["prev_hash"] = "1" * 64
    assert verifier.verify(lines).problems[0].startswith("Event 1 does not follow the beginning")


def rewrite_from(seq, tamper, until=10):
    from alumni.consent.canonical import digest
    from alumni.consent.record_shape import event_object, hashed_part

    def rewrite():
        prev = ConsentEvent.objects.get(seq=seq - 1).hash
        for event in ConsentEvent.objects.filter(seq__gte=seq, seq__lte=until).order_by("seq"):
            event.prev_hash = prev
            if event.seq == seq:
                event.expression = "Ja, stuur mij alles"
            event.hash = prev = digest(hashed_part(event_object(event)))
            event.save()
        if until == 10:
            LedgerHead.objects.update(hash=prev)

    tamper(rewrite)


def cut(tamper, after):
    def delete():
        ConsentEvidence.objects.filter(pk__gt=after)._raw_delete("default")
        ConsentEvent.objects.filter(seq__gt=after)._raw_delete("default")

    tamper(delete)


def test_a_cut_tail_is_found_by_the_head_row_and_by_a_kept_head(ten, tamper):
    kept = export.signed_head(ledger.head())
    cut(tamper, after=7)
    [problem] = problems()
    assert problem.startswith("The end is cut off: the head of")
    assert problem.endswith("knows 10 events, the ledger ends at 7.")
    # Whoever also puts the head row back leaves a ledger that is whole in itself; only what was kept elsewhere tells.
    last = ConsentEvent.objects.get(seq=7)
    LedgerHead.objects.update(seq=7, hash=last.hash)
    assert problems() == []
    [problem] = problems(head=kept)
    assert problem == f"The end is cut off: the head of {kept['time']} knows 10 events, the ledger ends at 7."


def test_a_head_that_is_older_than_the_ledger_still_fits(ten, on_the_page):
    kept = export.signed_head(ledger.head())
    ledger.withdraw(member=ten[1], purposes=["gigs"], act=on_the_page)
    assert problems(head=kept) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda lines: lines.pop(12), "missing"),
        (lambda lines: lines.insert(12, lines[13]), "moved or put in twice"),
        (lambda lines: lines.__setitem__(12, lines[13]), "missing"),
        (lambda lines: lines.__setitem__(slice(12, 14), [lines[13], lines[12]]), "moved or put in twice"),
        (lambda lines: lines.pop(), "cut off"),
        (lambda lines: lines.__delitem__(slice(-3, None)), "cut off"),
        (lambda lines: lines.__delitem__(slice(-3, -1)), "cut off"),
        (lambda lines: lines.pop(0), "no ledger export"),
        (lambda lines: lines.pop(1), "notice that it was given on is missing"),
        (lambda lines: lines[12]["event"]["ext"].pop("hash"), "damaged"),
        (lambda lines: lines[12]["event"]["ext"].update(seq="five"), "damaged"),
        (lambda lines: lines.insert(12, {}), "nothing that a ledger holds"),
        (lambda lines: lines[1]["frame"]["parties"].pop(), "was changed"),
    ],
)
def test_each_change_of_an_exported_file_is_found(ten, change, word):
    lines = exported()
    assert verifier.verify(lines).wrong == 0
    change(lines)
    report = verifier.verify(lines)
    assert report.wrong
    assert any(word in problem for problem in report.problems), report.problems


def test_every_single_character_of_an_event_counts(ten):
    """Each value of one line, changed alone, makes the verifier name that event."""
    lines = exported()
    position = next(i for i, line in enumerate(lines) if line.get("seq") == 5)

    def paths(value, at=()):
        if isinstance(value, dict):
            for name in value:
                yield from paths(value[name], (*at, name))
        else:
            yield at

    for path in paths(lines[position]):
        changed = json.loads(json.dumps(lines))
        parent = changed[position]
        for name in path[:-1]:
            parent = parent[name]
        old = parent[path[-1]]
        parent[path[-1]] = old + 1 if isinstance(old, int) else f"{old}x"
        told = verifier.verify(changed).problems
        assert told, path
        assert any("vent 5" in problem or "vent 6" in problem for problem in told), (path, told)


def test_the_commands_export_and_verify_a_file_with_its_head(ten, tmp_path, tamper):
    file, out = tmp_path / "ledger.jsonl", StringIO()
    call_command("export_ledger", output=file, stdout=out)
    head = tmp_path / "ledger.head.json"
    assert "10 events" in out.getvalue()
    call_command("verify_ledger", file=file, head=head, stdout=out)
    call_command("verify_ledger", head=head, stdout=out)

    cut(tamper, after=8)
    LedgerHead.objects.update(seq=8, hash=ConsentEvent.objects.get(seq=8).hash)
    call_command("verify_ledger", stdout=out)
    for arguments in ({"head": head}, {"head": head, "file": shorter(file)}):
        errors = StringIO()
        with pytest.raises(CommandError, match="does not hold together: 1 wrong in 8 events"):
            call_command("verify_ledger", stderr=errors, **arguments)
        assert "The end is cut off" in errors.getvalue()


def shorter(file):
    """The file as it would be exported after the cut."""
    other = file.with_name("shorter.jsonl")
    call_command("export_ledger", output=other, stdout=StringIO())
    return other


def test_the_head_must_be_ours_and_unchanged(ten, tmp_path):
    head = export.signed_head(ledger.head())
    assert signature.is_genuine(head, signature.public_key())
    kept = tmp_path / "head.json"
    for wrong in ({**head, "seq": 3}, {k: v for k, v in head.items() if k != "signature"}):
        kept.write_text(json.dumps(wrong))
        with pytest.raises(CommandError, match="not signed with this installation's key"):
            call_command("verify_ledger", head=kept)
    kept.write_text("[]")
    with pytest.raises(CommandError, match="no head of a ledger"):
        call_command("verify_ledger", head=kept)


def test_an_export_can_leave_the_evidence_out(ten, tmp_path):
    file = tmp_path / "bare.jsonl"
    call_command("export_ledger", output=file, without_evidence=True, stdout=StringIO())
    assert "203.0.113.0/24" not in file.read_text()
    assert "Firefox" not in file.read_text()
    call_command("verify_ledger", file=file, stdout=StringIO())


def test_the_export_goes_to_standard_output_by_default(ten, capsys):
    call_command("export_ledger")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["ledger"] == "kring-ledger/1"
    assert lines[-1]["head"]["seq"] == 10
    assert verifier.verify(lines).wrong == 0


def test_a_missing_file_and_one_that_is_no_export_are_said_in_words(ten, tmp_path):
    with pytest.raises(CommandError, match="There is no file"):
        call_command("verify_ledger", file=tmp_path / "nothing")
    other = tmp_path / "other.csv"
    other.write_bytes(b"naam;e-mail\n\xff\xfe\n")
    with pytest.raises(CommandError, match="does not hold together"):
        call_command("verify_ledger", file=other, stderr=StringIO())


def test_the_verifier_runs_without_django_and_without_a_database(ten, tmp_path):
    file = tmp_path / "ledger.jsonl"
    call_command("export_ledger", output=file, stdout=StringIO())
    head = tmp_path / "ledger.head.json"
    # -I -S: no environment, no site-packages; only the standard library and the project's folder.
    code = (
        f"import sys; sys.path.insert(0, {str(settings.BASE_DIR)!r})\n"
        "from alumni.consent import verifier\n"
        "code = verifier.main(sys.argv[1:])\n"
        "assert 'django' not in sys.modules\n"
        "sys.exit(code)"
    )
    run = [sys.executable, "-I", "-S", "-c", code, str(file), "--head", str(head)]
    clean = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "10 events" in clean.stdout
    file.write_text(file.read_text().replace('"withdrawn"', '"given"'))
    changed = subprocess.run(run, capture_output=True, text=True, check=False)
    assert changed.returncode == 1
    assert "Event 10 was changed" in changed.stdout


def test_verifying_takes_no_more_memory_for_more_events(ten):
    """The frames are all it keeps, however many events it reads."""
    lines = exported()
    events = [line for line in lines if "event" in line]
    chain = verifier._Chain(verifier.Report(), None)
    for line in lines:
        if "frame" in line:
            chain.frame(line)
    kept = len(chain.frames)
    for line in events * 3:
        chain.event(line)
    assert len(chain.frames) == kept
    assert len(chain.report.problems) <= verifier.TOLD


def test_no_more_than_a_readable_number_of_problems_is_told(ten, tamper):
    lines = exported()
    start = next(i for i, line in enumerate(lines) if "event" in line)
    lines[start:-1] = lines[start:-1] * 60
    report = verifier.verify(lines)
    assert report.wrong > verifier.TOLD
    assert len(report.problems) == verifier.TOLD
