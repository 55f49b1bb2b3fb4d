"""Who works on an import: one process at a time, for two minutes after each chunk. What a dead one left goes on."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from alumni.joining.models import Import, ImportState

DURATION = dt.timedelta(minutes=2)


class LeaseLost(Exception):
    """Another process took over; what this one was about to commit must not be."""


class Lease:
    """The right to work on one import. `renew` belongs in each chunk's transaction, as its last write."""

    def __init__(self, batch: Import, token: uuid.UUID) -> None:
        self.batch = batch
        self.token = token

    @classmethod
    def acquire(cls, batch: Import, state: ImportState) -> "Lease | None":
        """Claim an import that is in this state and in nobody's hands; None when it is not. Refreshes `batch`."""
        now, token = timezone.now(), uuid.uuid4()
        free = Import.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=batch.pk, state=state)
        if not free.update(lease=token, lease_until=now + DURATION):
            return None
        batch.refresh_from_db()
        return cls(batch, token)

    @classmethod
    def on_new(cls, **fields: Any) -> "Lease":
        """A new import that is in our hands from its first moment."""
        token = uuid.uuid4()
        batch = Import.objects.create(lease=token, lease_until=timezone.now() + DURATION, **fields)
        return cls(batch, token)

    def renew(self, *, counts: Mapping[str, int], done: int) -> None:
        """Hold on, and add what a chunk came to. Raises LeaseLost."""
        for action, number in counts.items():
            if number:
                self.batch.counts[action] = self.batch.counts.get(action, 0) + number
        self.batch.done += done
        self.write(lease_until=timezone.now() + DURATION, counts=self.batch.counts, done=self.batch.done)

    def release(self, **fields: object) -> None:
        """Let go, and write how it ended."""
        self.write(lease=None, lease_until=None, **fields)
        for name, value in fields.items():
            setattr(self.batch, name, value)

    def write(self, **fields: object) -> None:
        """Update the import, if it is still ours. Raises LeaseLost."""
        if not Import.objects.filter(pk=self.batch.pk, lease=self.token).update(**fields):
            raise LeaseLost(str(self.batch.uid))
