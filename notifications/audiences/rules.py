"""Which members an audience holds. A rule is JSON, checked here; one function turns it into one queryset."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from alumni.members.models import Member, MemberQuerySet
from backend.http.errors import InvalidInput
from notifications.audiences.models import Audience

# The kinds that a rule may name, each with the column that says so.
COLUMN_OF_KIND = {"alumnus": "is_alumnus", "freelancer": "is_freelancer"}


def checked(rule: Any, *, schema_version: int = 1) -> dict[str, list[str]]:
    """The rule, if it is one: `{"kinds": ["alumnus", "freelancer"]}`, at least one kind, nothing else.

    Raises InvalidInput. A rule that is not understood holds nobody back and lets nobody in: it is refused.
    """
    kinds = rule.get("kinds") if isinstance(rule, dict) else None
    if schema_version != 1 or not isinstance(kinds, list) or set(rule) != {"kinds"}:
        raise InvalidInput(_('A rule is {"kinds": [...]} and nothing else.'), code="invalid_rule", field="rule")
    wrong = [kind for kind in kinds if not isinstance(kind, str) or kind not in COLUMN_OF_KIND]
    if wrong or not kinds:
        message = _("Name at least one kind of: %s.") % ", ".join(COLUMN_OF_KIND)
        raise InvalidInput(message, code="invalid_rule", field="rule.kinds")
    return {"kinds": sorted(set(kinds))}


def members_of(audience: Audience) -> MemberQuerySet:
    """The joined members of any of the audience's kinds. Runs no query by itself."""
    rule = checked(audience.rule, schema_version=audience.schema_version)
    of_a_kind = Q()
    for kind in rule["kinds"]:
        of_a_kind |= Q(**{COLUMN_OF_KIND[kind]: True})
    return Member.objects.joined().filter(of_a_kind)


def holds(audience: Audience, *, is_alumnus: bool, is_freelancer: bool) -> bool:
    """Whether a joined member of these kinds is in it: `members_of` for who has the member in hand. No query."""
    kinds = checked(audience.rule, schema_version=audience.schema_version)["kinds"]
    return ("alumnus" in kinds and is_alumnus) or ("freelancer" in kinds and is_freelancer)
