"""What this room holds on a person: nothing of its own, but the back office's log of changes names people."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import CompositePrimaryKey, Model, Q

from alumni.members.models import Member

MODELS: dict[type[Model], str] = {
    LogEntry: "who of HR changed what and when stays; the name of the person and the words of the change go",
}


def _about(member: Member) -> Q:
    """Log entries on the member and on every row that points to them."""
    wanted = Q(pk__in=[])
    if member.user_id:
        wanted |= Q(content_type=_type_of(type(member.user)), object_id=str(member.user_id))
    wanted |= Q(content_type=_type_of(Member), object_id=str(member.pk))
    for relation in Member._meta.related_objects:
        model = relation.related_model
        rows = model._default_manager.filter(**{relation.field.name: member})
        if not isinstance(model._meta.pk, CompositePrimaryKey):  # the back office edits none of those by itself
            ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
            wanted |= Q(content_type=_type_of(model), object_id__in=ids)
    return wanted


def _type_of(model: Any) -> ContentType:
    return ContentType.objects.get_for_model(model)


def export(member: Member) -> dict[str, Any]:
    """When HR changed something on the person, staff as roles."""
    entries = LogEntry.objects.filter(_about(member)).order_by("action_time")
    return {
        "changes_by_hr": [
            {"at": entry.action_time.isoformat(), "what": str(entry.content_type), "action": entry.action_flag}
            for entry in entries.select_related("content_type")
        ]
    }


def erase(member: Member) -> None:
    """Blank the names and words in the log."""
    LogEntry.objects.filter(_about(member)).update(object_repr="", change_message="")
