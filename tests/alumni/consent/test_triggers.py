"""The ledger refuses to be changed, by the ORM and by SQL, on both databases."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction

from alumni.consent import triggers
from alumni.consent.models import ConsentEvent, ConsentEvidence, ConsentRecord, Notice, NoticeText

pytestmark = pytest.mark.django_db


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE alumni_consentevent SET state = 'given'",
        "UPDATE alumni_consentevent SET expression = 'x' WHERE seq = 1",
        "DELETE FROM alumni_consentevent WHERE seq = 1",
        "DELETE FROM alumni_consentevidence WHERE seq = 1",
        "UPDATE alumni_consentevidence SET seq = 999 WHERE seq = 1",
        "UPDATE alumni_consentevidence SET person = '{}' WHERE seq = 1",
        "UPDATE alumni_consentevidence SET link = '{}' WHERE seq = 1",
        "UPDATE alumni_consentrecord SET record_sha256 = 'x'",
        "DELETE FROM alumni_consentrecord",
        "UPDATE alumni_noticetext SET text = 'x'",
        "DELETE FROM alumni_noticetext",
        "UPDATE alumni_notice SET change_kind = 'editorial'",
        "UPDATE alumni_notice SET published_at = NULL",
        "DELETE FROM alumni_notice",
    ],
)
def test_the_ledger_refuses_update_and_delete_by_sql(alice, sql):
    before = list(ConsentEvent.objects.values())
    assert refused(sql)
    assert list(ConsentEvent.objects.values()) == before


def test_the_ledger_refuses_update_and_delete_by_the_orm(alice):
    event = ConsentEvent.objects.first()
    event.state = "withdrawn"
    for change in (
        event.save,
        lambda: ConsentEvent.objects.filter(pk=event.pk).update(state="withdrawn"),
        lambda: ConsentEvent.objects.filter(pk=event.pk)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert ConsentEvent.objects.get(pk=event.pk).state == "given"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
@pytest.mark.parametrize(
    "table",
    ["alumni_consentevent", "alumni_consentrecord", "alumni_consentevidence", "alumni_noticetext", "alumni_notice"],
)
def test_the_ledger_refuses_replace(alice, table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        before = cursor.fetchone()
    assert refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        assert cursor.fetchone() == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
def test_replace_by_another_unique_column_is_refused_too(alice):
    columns = [field.column for field in ConsentEvent._meta.concrete_fields]
    select = ", ".join("999" if column == "seq" else column for column in columns)
    source = f"SELECT {select} FROM alumni_consentevent LIMIT 1"
    assert refused(f"INSERT OR REPLACE INTO alumni_consentevent ({', '.join(columns)}) {source}")
    assert ConsentEvent.objects.count() == 4


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
@pytest.mark.parametrize("table", [guard.table for guard in triggers.GUARDS])
def test_the_ledger_refuses_truncate(alice, table):
    connection.check_constraints()  # so that nothing but the trigger stands in the way
    assert refused(f"TRUNCATE {table} CASCADE")
    assert ConsentEvent.objects.count() == 4


def test_evidence_can_be_blanked_and_nothing_else(alice):
    assert ConsentEvidence.objects.exclude(person=None).count() == 4
    ConsentEvidence.objects.filter(pk=1).update(person=None)
    ConsentEvidence.objects.filter(pk=1).update(link=None)
    blanked = ConsentEvidence.objects.get(pk=1)
    assert (blanked.person, blanked.link) == (None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvidence.objects.filter(pk=1).update(person={"salt": "0" * 32})


def test_a_notice_forgets_who_published_it_when_that_account_goes(author, organisation):
    from alumni.consent.notices import publish_defaults

    publish_defaults(user=author)
    author.delete()
    assert set(Notice.objects.values_list("published_by", flat=True)) == {None}
    assert NoticeText.objects.count() == 8


def test_a_missing_trigger_is_an_error_of_the_system_check(db):
    assert triggers.missing() == []
    assert run_checks(tags=["database"], databases=["default"]) == []
    name = f"{ConsentEvent._meta.db_table}_no_delete"
    on_table = f" ON {ConsentEvent._meta.db_table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on_table}")
    assert triggers.missing() == [name]
    [error] = run_checks(tags=["database"], databases=["default"])
    assert error.id == "kring.E101"
    assert name in error.msg
    triggers.install()
    assert triggers.missing() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL can switch a trigger off")
def test_a_trigger_that_is_switched_off_counts_as_missing(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE alumni_consentevent DISABLE TRIGGER alumni_consentevent_no_update")
    assert triggers.missing() == ["alumni_consentevent_no_update"]


def test_a_table_that_a_migration_rebuilt_is_guarded_again_after_migrate(transactional_ledger):
    from django.core.management import call_command

    if connection.vendor == "sqlite":  # it makes a new table, copies, drops the old one: triggers go with it
        with connection.schema_editor() as editor:
            editor._remake_table(ConsentEvent)
        assert triggers.missing() != []
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


def test_lifted_works_inside_a_transaction_and_sets_the_triggers_again(alice):
    with triggers.lifted():
        ConsentEvent.objects.filter(pk=1).update(expression="x")
    assert triggers.missing() == []
    assert refused("UPDATE alumni_consentevent SET expression = 'y'")
    assert ConsentRecord.objects.count() == 4


def test_nothing_but_tests_lifts_the_triggers():
    users = [
        path.relative_to(settings.BASE_DIR).as_posix()
        for folder in ("alumni", "notifications", "backend", "scripts", "benchmarks")
        for path in Path(settings.BASE_DIR, folder).rglob("*.py")
        if "lifted(" in path.read_text() or "import lifted" in path.read_text()
    ]
    assert users == ["alumni/consent/triggers.py"]
