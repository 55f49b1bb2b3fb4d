"""Forgets somebody who never joined: what HR brought in, from every table of these rooms. Members are erased by
`alumni.privacy`; of who never joined nothing else is held."""

from django.db import transaction

from alumni.joining.models import ImportRow
from alumni.members import personal_data
from alumni.members.models import Member


@transaction.atomic
def forget(*, member: Member) -> None:
    """Delete the person and the import rows that name their address. Their invitation's keyed hash stays."""
    if member.joined_at is not None:
        raise ValueError("Who joined is erased by alumni.privacy.erasure")
    ImportRow.objects.filter(parsed__member__email__iexact=member.email).delete()
    personal_data.erase(member)
