"""One person added by HR or by an HR system. As an import, it gives no consent and mails nothing."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from alumni.accounts.addresses import email_key
from alumni.accounts.organisation import the_organisation
from alumni.consent import suppression
from alumni.members import profile
from alumni.members.models import Employment, Member
from backend.http.errors import Conflict

_LIKE_THE_COMPANY = "country"


def _refused() -> Conflict:
    # One answer for an address that is known, and for one whose owner said never again: it tells nothing of either.
    return Conflict(_("Nobody can be added with this address. They can sign up themselves."), code="cannot_be_added")


@transaction.atomic
def add(
    *, email: str, kinds: set[str], values: dict[str, Any], employments: list[dict[str, Any]], source: str
) -> Member:
    """Store a person who has not joined. `values` are fields of Member as `profile.check_member` takes them.

    Raises InvalidInput, and Conflict (`cannot_be_added`) for an address that is known or suppressed.
    """
    clean = profile.check_member({_LIKE_THE_COMPANY: the_organisation().country, **values})
    if suppression.is_suppressed(email) or Member.objects.filter(email_key=email_key(email)).exists():
        raise _refused()
    member = Member(
        email=email, is_alumnus="alumnus" in kinds, is_freelancer="freelancer" in kinds, source=source, **clean
    )
    try:
        with transaction.atomic():
            member.save()
            Employment.objects.bulk_create([Employment(member=member, source=source, **row) for row in employments])
    except IntegrityError as error:
        raise _refused() from error
    return member
