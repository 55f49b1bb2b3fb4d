"""What drafts hold on a person: who of HR edited and posted them. Drafts hold nothing of members."""

from typing import Any

from django.db.models import Model, Q

from alumni.members.models import Member
from notifications.social.models import Draft

MODELS: dict[type[Model], str] = {Draft: "kept, it is the company's; who edited and posted it is taken out"}


def export(member: Member) -> dict[str, Any]:
    """The drafts they edited or posted, when they work in the back office too."""
    if member.user is None:
        return {"drafts": []}
    touched = Draft.objects.filter(Q(edited_by=member.user) | Q(posted_by=member.user)).order_by("pk")
    return {"drafts": [{"post": draft.post.slug, "posted_at": str(draft.posted_at or "")} for draft in touched]}


def erase(member: Member) -> None:
    """Take them out of the drafts."""
    if member.user is not None:
        Draft.objects.filter(edited_by=member.user).update(edited_by=None)
        Draft.objects.filter(posted_by=member.user).update(posted_by=None, posted_url="")
