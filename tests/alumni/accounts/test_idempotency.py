"""A repeated POST with the same Idempotency-Key."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.urls import path
from rest_framework import parsers
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alumni.accounts.idempotency import IdempotencyMixin
from alumni.accounts.models import IdempotentReply, User
from alumni.accounts.tokens import create_client_token, create_person_token
from backend.http.errors import Conflict

done: list[Any] = []


class Anybody(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return True


class Work(IdempotencyMixin, APIView):
    """Makes a user, so that a rollback shows."""

    permission_classes = [Anybody]

    def post(self, request: Request) -> Response:
        done.append(request.data)
        name = request.data["name"]
        user = User.objects.create_user(f"{name}-{len(done)}@thuis.example")
        if name == "forbidden":
            raise Conflict("no", code="no")
        if name == "refused":
            return Response({"no": 1}, status=409)
        if name == "broken":
            raise RuntimeError("ours")
        return Response({"id": str(user.uid), "n": len(done)}, status=201, headers={"Location": "/x/", "X-Other": "1"})


class Upload(IdempotencyMixin, APIView):
    permission_classes = [Anybody]
    parser_classes = [parsers.MultiPartParser]

    def post(self, request: Request) -> Response:
        done.append(request.data["file"].read())
        return Response({"n": len(done)}, status=201)


class Slow(Work):
    """Waits in the middle of its work until it is told to go on."""

    started, go_on = threading.Event(), threading.Event()

    def post(self, request: Request) -> Response:
        answer = super().post(request)
        self.started.set()
        assert self.go_on.wait(30)
        return answer


urlpatterns = [path("work/", Work.as_view()), path("slow/", Slow.as_view()), path("upload/", Upload.as_view())]


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> Any:
    if not request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
    done.clear()
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.fixture
def post() -> Callable[..., Any]:
    token = create_client_token(name="robot", scopes=[])
    client = Client(raise_request_exception=False)

    def call(data: Any, key: str | None = "k1", token: str | None = token, path: str = "/work/") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        return client.post(path, data, content_type="application/json", headers=headers)

    return call


def test_the_same_key_and_body_get_the_same_answer_and_do_nothing(post: Any) -> None:
    first = post({"name": "a", "more": 1})
    again = post({"more": 1, "name": "a"})  # the order of names says nothing
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
    assert again["Location"] == "/x/"
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert len(done) == 1
    assert User.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(post: Any) -> None:
    post({"name": "a"})
    answer = post({"name": "b"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "key_reused"
    assert len(done) == 1


def test_another_key_or_none_does_the_work_again(post: Any) -> None:
    for key in ("k1", "k2", None, None):
        assert post({"name": "a"}, key=key).status_code == 201
    assert len(done) == 4
    assert IdempotentReply.objects.count() == 2


def test_another_caller_may_use_the_same_key(post: Any) -> None:
    post({"name": "a"})
    assert post({"name": "b"}, token=create_client_token(name="other", scopes=[])).status_code == 201
    assert len(done) == 2


def test_a_new_token_of_the_same_client_is_the_same_caller(post: Any) -> None:
    first = post({"name": "a"})
    again = post({"name": "a"}, token=create_client_token(name="robot", scopes=[]))
    assert again.json() == first.json()
    assert len(done) == 1


def test_a_person_is_the_same_caller_with_each_of_their_tokens(post: Any) -> None:
    user = User.objects.create_user("p@thuis.example")
    first = post({"name": "a"}, token=create_person_token(user=user, name="one"))
    assert post({"name": "a"}, token=create_person_token(user=user, name="two")).json() == first.json()


def test_nobody_has_no_key(post: Any) -> None:
    post({"name": "a"}, token=None)
    post({"name": "a"}, token=None)
    assert len(done) == 2
    assert not IdempotentReply.objects.exists()


@pytest.mark.parametrize(("name", "status"), [("forbidden", 409), ("refused", 409), ("broken", 500)])
def test_what_failed_left_nothing_and_may_be_tried_again(post: Any, name: str, status: int) -> None:
    assert post({"name": name}).status_code == status
    assert not User.objects.exists()
    assert not IdempotentReply.objects.exists()
    assert post({"name": "a"}).status_code == 201


def test_a_request_at_the_same_time_is_told_to_wait(post: Any) -> None:
    post({"name": "a"})
    IdempotentReply.objects.update(status=None)  # as the first request's row is while it works
    answer = post({"name": "a"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "in_flight"
    assert int(answer["Retry-After"]) >= 1
    assert len(done) == 1


def test_a_claim_whose_process_died_is_taken_over(post: Any) -> None:
    post({"name": "a"})
    IdempotentReply.objects.update(status=None)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=3)):
        assert post({"name": "a"}).status_code == 201
    assert len(done) == 2
    assert IdempotentReply.objects.get().status == 201


def test_a_key_is_forgotten_after_a_day(post: Any) -> None:
    post({"name": "a"})
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25)):
        assert post({"name": "b"}).status_code == 201
    assert len(done) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_an_unusable_key_is_refused(post: Any, key: str) -> None:
    answer = post({"name": "a"}, key=key)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_key"
    assert done == []


def test_uploads_are_compared_by_their_content(post: Any) -> None:
    token = create_client_token(name="robot", scopes=[])
    client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k9"})

    def send(content: bytes) -> Any:
        return client.post("/upload/", {"file": SimpleUploadedFile("leavers.csv", content)})

    assert send(b"one").status_code == 201
    assert send(b"one").json() == {"n": 1}
    assert send(b"two").status_code == 409
    assert done == [b"one"]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_moment_do_the_work_once() -> None:
    headers = {"Authorization": f"Bearer {create_client_token(name='robot', scopes=[])}", "Idempotency-Key": "k1"}
    answers: list[Any] = []

    def send() -> None:
        answers.append(Client().post("/slow/", {"name": "a"}, content_type="application/json", headers=headers))
        connection.close()

    first, second = threading.Thread(target=send), threading.Thread(target=send)
    Slow.started.clear()
    Slow.go_on.clear()
    first.start()
    assert Slow.started.wait(30)
    second.start()
    if connection.vendor != "sqlite":  # there the second waits for the first one's write lock, and then replays
        second.join(30)
        assert [answer.status_code for answer in answers] == [409]
        assert answers[0].json()["code"] == "in_flight"
    Slow.go_on.set()
    first.join(30)
    second.join(30)
    assert len(done) == 1
    assert User.objects.count() == 1
    assert sorted(answer.status_code for answer in answers)[0] == 201
