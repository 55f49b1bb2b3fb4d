"""Imports through the API: upload, look, apply, fetch the bad rows."""

import csv
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alumni.accounts.models import Organisation, User
from alumni.joining import error_file, imports, tasks
from alumni.joining.models import Import
from alumni.members.models import Member
from tests.alumni.joining.files import FATIMA, NATHAN, csv_file, workbook

pytestmark = pytest.mark.django_db
BAD = "3;Bad;;Row;=cmd|' /C calc'!A0;Rol;31-02-2025;;ja;nl"
Post = Callable[..., Any]


@pytest.fixture
def program(organisation: Organisation, api_of: Callable[..., Any]) -> Any:
    return api_of(scopes=["members:write"])


@pytest.fixture
def upload(program: Any) -> Post:
    """`upload(csv_file(...))` sends multipart/form-data with the program's token."""

    def send(
        stream: io.BytesIO | None, name: str = "leavers.csv", headers: dict[str, str] | None = None, **data: Any
    ) -> Any:
        if stream is not None:
            data["file"] = SimpleUploadedFile(name, stream.getvalue())
        return Client().post("/api/v1/imports/", data, headers={**program.headers, **(headers or {})})

    return send


def test_a_file_is_staged_then_applied(program: Any, upload: Post) -> None:
    answer = upload(csv_file(NATHAN, FATIMA, BAD), source="hr export")

    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert answer["Location"] == f"/api/v1/imports/{body['id']}/"
    assert (body["state"], body["total"], body["done"], body["source"]) == ("staged", 3, 3, "hr export")
    assert body["counts"] == {"create": 2, "update": 0, "add_employment": 0, "skip": 0, "suppressed": 0, "error": 1}
    assert body["mapping"]["E-mail privé"] == "email"
    assert not Member.objects.exists()

    applied = program.post(f"/imports/{body['id']}/apply/")
    assert (applied.status_code, applied.json()["state"]) == (202, "applied")
    assert Member.objects.count() == 2
    again = program.post(f"/imports/{body['id']}/apply/")
    assert (again.status_code, Member.objects.count()) == (202, 2)


def test_who_uploaded_is_kept_and_a_program_is_nobody(upload: Post, author: User, api_of: Callable[..., Any]) -> None:
    upload(csv_file(NATHAN))
    person = api_of(author)
    data = {"file": SimpleUploadedFile("x.csv", csv_file(NATHAN).getvalue())}
    assert Client().post("/api/v1/imports/", data, headers=person.headers).status_code == 202
    assert list(Import.objects.order_by("pk").values_list("created_by", flat=True)) == [None, author.pk]


def test_the_bad_rows_come_as_csv_that_starts_no_formula(program: Any, upload: Post) -> None:
    uid = upload(csv_file(NATHAN, BAD)).json()["id"]
    answer = program.get(f"/imports/{uid}/errors.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="errors-{uid}.csv"'
    assert answer["Cache-Control"] == "no-store"
    assert [row[:3] for row in rows[1:]] == [["3", "E-mail privé", "formula"], ["3", "Datum in dienst", "date"]]
    assert all(cell[:1] not in "=+-@" for row in rows for cell in row if cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+31 30 123", "-5", "@x", "\t=1", "\r=1", "＝1", "\x00=1", "ok", "'s-Hertogenbosch"]
)
def test_no_cell_starts_a_formula(text: str) -> None:
    assert error_file.safe_cell(text)[:1] not in set("=+-@\t\r\x00＝＋－＠")


def test_large_files_wait_for_a_worker_and_lose_nothing_without_one(
    monkeypatch: pytest.MonkeyPatch, program: Any, upload: Post, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imports, "AT_ONCE_BYTES", 10)
    monkeypatch.setattr(imports, "AT_ONCE_ROWS", 1)
    body = upload(csv_file(NATHAN, FATIMA, BAD)).json()
    assert (body["state"], body["total"], body["done"]) == ("staging", None, 0)
    assert program.post(f"/imports/{body['id']}/apply/").status_code == 409

    tasks.sweep()  # as beat does, long after
    assert program.get(f"/imports/{body['id']}/").json()["state"] == "staged"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]  # the file goes once it has been read

    assert program.post(f"/imports/{body['id']}/apply/").json()["state"] == "applying"
    assert not Member.objects.exists()
    tasks.sweep()
    done = program.get(f"/imports/{body['id']}/").json()
    assert (done["state"], done["done"], done["total"]) == ("applied", 3, 3)
    assert sum(done["counts"].values()) == 3
    assert Member.objects.count() == 2


def test_a_file_that_turns_out_bad_in_the_worker_says_so(
    monkeypatch: pytest.MonkeyPatch, program: Any, upload: Post, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imports, "AT_ONCE_BYTES", 10)
    uid = upload(csv_file(NATHAN, FATIMA)).json()["id"]
    settings.IMPORT_MAX_ROWS = 1
    tasks.sweep()

    body = program.get(f"/imports/{uid}/").json()
    assert body["state"] == "failed"
    assert "1" in body["problem"]
    assert not Import.objects.get().rows.exists()
    assert program.post(f"/imports/{uid}/apply/").json()["code"] == "not_staged"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", "not_a_table"),
        (b"  \n", "empty"),
        (b"Naam;E-mail\r\nJan\x00;jan@thuis.example\r\n", "nul_bytes"),
        (b"Naam;E-mail\r\n\x81;jan@thuis.example\r\n", "encoding"),
        (b"Lieve lezer,\r\n", "no_email_column"),
        (b"PK\x03\x04broken", "not_a_table"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_problem_document(upload: Post, content: bytes, code: str) -> None:
    answer = upload(io.BytesIO(content))

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert [error["field"] for error in answer.json()["errors"]] == ["file"]
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"mapping": '{"Chef": "role"}'}, "mapping"),
        ({"mapping": "not json"}, "mapping"),
        ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"Functie": 1}'}, "mapping"),
        ({"encoding": "ebcdic"}, "encoding"),
        ({"delimiter": "#"}, "delimiter"),
        ({"kind": "stagiair"}, "kind"),
        ({"colour": "red"}, "colour"),
        ({"source": "hr\r\nBcc: x"}, "source"),
    ],
)
def test_what_is_said_of_a_file_is_checked(upload: Post, data: dict[str, str], field: str) -> None:
    answer = upload(csv_file(NATHAN), **data)
    assert answer.status_code == 400, answer.content
    assert {error["field"] for error in answer.json()["errors"]} == {field}
    assert not Import.objects.exists()


def test_without_a_file_or_with_an_empty_one_nothing_happens(upload: Post) -> None:
    assert upload(None).json()["errors"][0]["field"] == "file"
    assert upload(io.BytesIO(b"")).json()["errors"][0]["code"] == "empty"


def test_a_file_of_too_many_bytes_is_refused_by_its_announced_length(upload: Post, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100
    assert upload(csv_file(NATHAN)).json()["code"] == "too_large"
    answer = upload(io.BytesIO(b"x" * 200_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_json_is_no_upload(program: Any) -> None:
    assert program.post("/imports/", {"file": "x"}).status_code == 415


def test_columns_may_be_named(upload: Post) -> None:
    stream = csv_file("Nathan;Kamp;nathan@thuis.example;Chef", headers="A;B;C;D")
    mapping = json.dumps({"A": "given_name", "B": "family_name", "C": "email", "D": "ignore"})
    assert upload(stream, mapping=mapping).json()["counts"]["create"] == 1


def test_a_workbook_comes_in_too(upload: Post) -> None:
    stream = workbook(["Naam", "E-mail", "Uurtarief"], ["Jan de Wit", "jan@thuis.example", 85])
    assert upload(stream, name="zzp.xlsx", kind="freelancer").json()["counts"]["create"] == 1


def test_the_same_key_stages_once(upload: Post) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = upload(csv_file(NATHAN), headers=key), upload(csv_file(NATHAN), headers=key)

    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Import.objects.count() == 1
    assert upload(csv_file(FATIMA), headers=key).status_code == 409


def test_a_reader_and_a_program_without_the_scope_are_refused(organisation: Any, reader: User, api_of: Any) -> None:
    for caller, status in ((api_of(), 401), (api_of(reader), 403), (api_of(scopes=["members:read"]), 403)):
        assert caller.get("/imports/").status_code == status
        data = {"file": SimpleUploadedFile("x.csv", csv_file(NATHAN).getvalue())}
        assert Client().post("/api/v1/imports/", data, headers=caller.headers).status_code == status
    assert not Import.objects.exists()


def test_uploads_are_limited(upload: Post, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alumni.joining.import_api.ImportThrottle.rate", "2/hour", raising=False)
    assert [upload(csv_file(NATHAN)).status_code for _ in range(3)] == [202, 202, 429]


def test_the_list_costs_the_same_for_two_and_for_twenty(program: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert program.get("/imports/").status_code == 200
        return len(queries)

    Import.objects.bulk_create(Import(source="hr", filename="a", file_sha256="") for _ in range(2))
    cost()  # the first call of a day notes that the token was used
    few = cost()
    Import.objects.bulk_create(Import(source="hr", filename="a", file_sha256="") for _ in range(18))
    assert cost() == few


def test_the_list_filters_by_state_and_refuses_what_it_does_not_know(program: Any) -> None:
    Import.objects.create(source="hr", filename="a", file_sha256="", state="failed", problem="x")
    Import.objects.create(source="hr", filename="b", file_sha256="", state="staged")

    assert [row["filename"] for row in program.get("/imports/?state=staged").json()["results"]] == ["b"]
    assert program.get("/imports/?colour=red").status_code == 400
    assert program.get("/imports/?page_size=100000").status_code == 400
    assert program.get(f"/imports/{uuid.uuid4()}/").status_code == 404


def test_an_import_that_stands_still_answers_304(program: Any, upload: Post) -> None:
    uid = upload(csv_file(NATHAN)).json()["id"]
    etag = program.get(f"/imports/{uid}/")["ETag"]
    assert program.get(f"/imports/{uid}/", headers={"If-None-Match": etag}).status_code == 304
