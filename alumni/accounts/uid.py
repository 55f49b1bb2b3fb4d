"""The public identifier of a row."""

import uuid

from django.db import models
from uuid_utils import compat


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562 section 5.7): rises with time, so that indexes on it stay compact."""
    return compat.uuid7()


class PublicId(models.Model):
    """Adds `uid`, the only identifier of a row that leaves the house; `id` stays inside."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)

    class Meta:
        abstract = True
