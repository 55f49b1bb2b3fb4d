"""Hands digests over, a sub-batch at a time: claim, commit, compose, ask consent and mark, commit, wire, settle.

    planned ─claim─▶ claimed ─mark─▶ handing over ─▶ handed over | failed | bounced | unconfirmed
       ▲               │  └─▶ withheld | closed | set aside         │
       └───────────────┴───────── put back (surely not taken) ──────┘

Nothing holds a transaction or a lock while talking to the mail server. A worker that dies leaves leases: `recover`
lets claimed digests wait again and shows those on the wire as unconfirmed, which nobody sends again.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from alumni.accounts.models import Organisation
from alumni.accounts.organisation import the_organisation
from notifications.digests import bulk, handoff
from notifications.digests.compose import Composer
from notifications.digests.handoff import Parcel
from notifications.digests.models import Digest, DigestItem, DigestState, ItemOutcome, Run
from notifications.mail import bounces, claims, smtp
from notifications.mail.message import bounce_address, why_nothing_may_leave

log = structlog.get_logger(__name__)

LEASE = claims.LEASE
# With less than this left of the lease no further message is begun: the slowest one must still fit in.
MARGIN = dt.timedelta(seconds=(settings.SMTP_TIMEOUT * (4 + smtp.FINAL_ANSWER_PATIENCE)))


def hand_over_all(run: Run | None = None, after_batch: Callable[[int], Any] | None = None) -> int:
    """Hand over what waits (of one run, or of all); returns how many digests were claimed. Any number of workers may.

    Ends when nothing is due, or when the mail server is away: then the next sweep tries again.
    """
    organisation = the_organisation()
    if problem := why_nothing_may_leave(organisation):
        log.warning("digests_wait", reason=problem)
        return 0
    waiting = Digest.objects.all() if run is None else Digest.objects.filter(run=run)
    composer, claimed = Composer(organisation), 0
    with smtp.connection() as wire:
        while batch := claims.claim(waiting, limit=settings.HAND_OFF_BATCH, at=timezone.now(), lease=LEASE):
            claimed += len(batch)
            goes_on = hand_over_batch(batch, wire, composer)
            if after_batch is not None:
                after_batch(len(batch))
            if not goes_on:
                break
    return claimed


def hand_over_batch(batch: Sequence[Digest], wire: smtp.Wire, composer: Composer) -> bool:
    """Take a claimed sub-batch to its next states. False when the mail server is away."""
    try:
        wire.open()  # before anything is marked: a server that is away costs nobody an attempt
    except smtp.Transient as error:
        log.warning("mail_server_away", reply=str(error.answer))
        claims.release(batch)
        return False
    found = handoff.parcels(batch)
    composed = handoff.compose(found, composer)
    try:
        marked = handoff.ask_and_mark(composed, at=timezone.now(), lease=LEASE)
    except OperationalError as error:
        # Something of the sub-batch was changed while we asked (a serialization failure): all of it is asked anew.
        log.info("hand_off_asked_anew", error=type(error).__name__)
        claims.release(batch)
        return True
    return _send(marked, wire, composer.organisation)


def _send(parcels: Sequence[Parcel], wire: smtp.Wire, organisation: Organisation) -> bool:
    """The sub-batch on the wire, then its settlement. False when the server went away on the way."""
    taken: list[tuple[Parcel, str]] = []
    later: list[tuple[Parcel, str]] = []
    refused: list[tuple[Parcel, smtp.Answer]] = []
    lost: list[tuple[Parcel, str]] = []
    envelope_from, is_away, untried = bounce_address(organisation), False, list(parcels)
    ends = timezone.now() + LEASE - MARGIN
    while untried and not is_away:
        parcel = untried.pop(0)
        try:
            taken.append((parcel, str(wire.send(envelope_from, parcel.member.email, parcel.composed.body))))
        except smtp.Transient as error:
            later.append((parcel, str(error.answer)))
            is_away = error.is_away
        except smtp.Permanent as error:
            refused.append((parcel, error.answer))
        except smtp.Lost as error:
            lost.append((parcel, str(error.answer)))
        if timezone.now() > ends:
            break  # the server is slow: the rest goes with the next sub-batch
    claims.release([parcel.digest for parcel in untried])
    _settle(taken, DigestState.HANDED_OVER)
    _settle(lost, DigestState.UNCONFIRMED)
    _retry(later)
    _bounce(refused)
    return not is_away


def _settle(parcels: Sequence[tuple[Parcel, str]], state: str) -> None:
    """One UPDATE for the state, one for what the server said."""
    if not parcels:
        return
    moment = {"handed_over_at": timezone.now()} if state == DigestState.HANDED_OVER else {}
    with transaction.atomic():
        claims.settle([parcel.digest for parcel, _reply in parcels], state=state, **moment)
        bulk.update(Digest, ("reply",), [(parcel.digest.pk, (reply,)) for parcel, reply in parcels])
    log.info("digests_settled", state=state, n=len(parcels))


def _retry(parcels: Sequence[tuple[Parcel, str]]) -> None:
    replies = {parcel.digest.pk: (parcel, reply) for parcel, reply in parcels}
    for reply in dict.fromkeys(reply for _parcel, reply in parcels):
        rows = [parcel.digest for parcel, said in parcels if said == reply]
        spent = claims.put_back(rows, at=timezone.now(), reply=reply)
        _settle([replies[row.pk] for row in spent], DigestState.FAILED)


def _bounce(parcels: Sequence[tuple[Parcel, smtp.Answer]]) -> None:
    """Refused for good. Where the address does not exist, mail to it stops."""
    bounced: list[tuple[Parcel, str]] = []
    failed: list[tuple[Parcel, str]] = []
    for parcel, answer in parcels:
        is_hard = bounces.note_refusal(email=parcel.member.email, member_id=parcel.member.pk, answer=answer)
        (bounced if is_hard else failed).append((parcel, str(answer)))
    _settle(bounced, DigestState.BOUNCED)
    _settle(failed, DigestState.FAILED)


def recover() -> None:
    """Take up what dead workers left."""
    returned, unconfirmed = claims.recover(Digest, at=timezone.now())
    if returned or unconfirmed:
        log.warning("digests_recovered", returned=returned, unconfirmed=unconfirmed)


def due() -> QuerySet[Digest]:
    """The digests that wait for a worker now."""
    return Digest.objects.filter(claims.due(timezone.now()))


@transaction.atomic
def close_post(*, post_id: int) -> int:
    """A post was closed: take it out of the digests that wait; one that is emptied ends. Returns how many items went.

    Digests that a worker holds are seen to by the asking at hand-off.
    """
    waiting = DigestItem.objects.filter(post_id=post_id, outcome__isnull=True, digest__state=DigestState.PLANNED)
    digests = list(waiting.values_list("digest_id", flat=True))
    closed = waiting.update(outcome=ItemOutcome.CLOSED)
    left = DigestItem.objects.filter(digest=OuterRef("pk"), outcome__isnull=True)
    for start in range(0, len(digests), 500):
        emptied = Digest.objects.filter(~Exists(left), pk__in=digests[start : start + 500], state=DigestState.PLANNED)
        emptied.update(state=DigestState.CLOSED)
    return closed
