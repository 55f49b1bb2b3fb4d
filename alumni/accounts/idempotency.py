"""`Idempotency-Key` on POST: a repeat of the same request gets the same answer, and does nothing.

The claim (a row without status) is committed first, so that a second request at the same time sees it; the work and its
answer are then committed together, so that a crash leaves either both or none. A claim whose process died is taken over
after two minutes; on PostgreSQL its row lock makes the second wait for a first that was only slow.

Answers are kept 24 hours per caller, in the clear: views whose answer holds a secret must not use this.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from alumni.accounts.models import IdempotentReply
from backend.http.errors import Conflict, InvalidInput
from backend.http.renderers import JSONRenderer

HEADER = "Idempotency-Key"
KEPT_FOR = dt.timedelta(hours=24)
CLAIM_LASTS = dt.timedelta(minutes=2)
KEPT_HEADERS = ("Location", "ETag")


class InFlight(exceptions.APIException):
    """409: the first request with this key is still being worked on."""

    status_code = 409
    default_code = "in_flight"
    wait = 1  # becomes Retry-After


def _valid_key(raw: str) -> str:
    if not (0 < len(raw) <= 255 and raw.isascii() and raw.isprintable()):
        raise InvalidInput(_("An Idempotency-Key is 1 to 255 printable ASCII characters."), code="invalid_key")
    return raw


def _parts(request: Request) -> Iterable[bytes]:
    yield f"{request.method} {request.get_full_path()}\n".encode()
    if not request.FILES:
        yield orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
        return
    form: Any = request.data  # with files in it: a QueryDict
    for name, values in sorted(form.lists()):
        for value in values:
            yield f"{name}\n".encode()
            yield from value.chunks() if hasattr(value, "chunks") else [str(value).encode()]


def _digest(request: Request) -> str:
    """SHA-256 over method, path and content. Reads uploaded files, and rewinds them."""
    digest = hashlib.sha256()
    for part in _parts(request):
        digest.update(part)
    for file in request.FILES.values():
        file.seek(0)
    return digest.hexdigest()


def _claim(*, caller: str, key: str, digest: str) -> tuple[IdempotentReply, bool]:
    """(the row of this key, whether the work is ours to do). Raises Conflict or InFlight."""
    now = timezone.now()
    rows = IdempotentReply.objects.filter(caller=caller, key=key)
    rows.filter(created_at__lt=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return IdempotentReply.objects.create(caller=caller, key=key, request_sha256=digest), True
    except IntegrityError:
        reply = rows.first()
    if reply is not None and reply.request_sha256 != digest:
        raise Conflict(_("This key was used for another request. Take a new key for each."), code="key_reused")
    if reply is not None and reply.status is not None:
        return reply, False
    stale = rows.filter(status=None, created_at__lt=now - CLAIM_LASTS)
    if reply is not None and stale.update(created_at=now) == 1:
        return reply, True
    raise InFlight(_("The first request with this key is still being worked on. Try again in a moment."))


def _replay(reply: IdempotentReply) -> Response:
    data = orjson.loads(reply.body) if reply.body else None
    return Response(data, status=reply.status, headers={**reply.headers, "Idempotent-Replayed": "true"})


def _run(reply: IdempotentReply, work: Callable[[], Response]) -> Response:
    try:
        with transaction.atomic():
            IdempotentReply.objects.select_for_update().get(pk=reply.pk)
            response = work()
            if response.status_code < 400:
                _keep(reply, response)
            else:
                transaction.set_rollback(True)
            return response
    finally:
        # Still without a status: nothing was done, so the same key may try again.
        IdempotentReply.objects.filter(pk=reply.pk, status=None).delete()


def _keep(reply: IdempotentReply, response: Response) -> None:
    reply.status = response.status_code
    reply.body = JSONRenderer().render(response.data).decode()
    reply.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    reply.save(update_fields=["status", "body", "headers"])


class IdempotencyMixin:
    """First in the bases of a view with a POST that creates or sends. For callers that we can tell apart only: an
    anonymous sign-up is idempotent by itself."""

    takes_idempotency_key = True  # read by backend.http.schema

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "POST" and HEADER in request.headers and request.auth is not None:
            # DRF looks the handler up after this.
            self.post: Callable[..., Response] = self._once(self.post)

    def _once(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def post(request: Request, *args: Any, **kwargs: Any) -> Response:
            key = _valid_key(request.headers[HEADER])
            reply, is_ours = _claim(caller=request.auth.key, key=key, digest=_digest(request))
            return _run(reply, lambda: handler(request, *args, **kwargs)) if is_ours else _replay(reply)

        return post
