"""What posts hold on a person: who of HR wrote, submitted and decided, and whom to ask.

A member is in it only when they also work (or worked) in the back office, or are the contact of a gig.
"""

from typing import Any

from django.db.models import Model

from alumni.members.models import Member
from notifications.posts.models import Post, Review, WorkTerms

MODELS: dict[type[Model], str] = {
    Post: "kept, it is the company's; the author is taken out with the account",
    Review: "kept, as proof that two people stood behind a post; the names are taken out with the account",
    WorkTerms: "kept; name and address of the contact are blanked",
}


def export(member: Member) -> dict[str, Any]:
    """The posts they wrote, the reviews they asked for or gave, and where they are the contact."""
    user = member.user
    written = Post.objects.filter(author=user).order_by("pk") if user else Post.objects.none()
    asked = Review.objects.filter(submitted_by=user).order_by("pk") if user else Review.objects.none()
    decided = Review.objects.filter(decided_by=user).order_by("pk") if user else Review.objects.none()
    contact = WorkTerms.objects.filter(contact_email__iexact=member.email).select_related("version__post")
    return {
        "written": [post.slug for post in written],
        "submitted": [{"at": str(review.submitted_at)} for review in asked],
        "decided": [
            {"at": str(review.decided_at), "decision": review.decision, "remark": review.remark} for review in decided
        ],
        "contact_of": sorted({terms.version.post.slug for terms in contact}),
    }


def erase(member: Member) -> None:
    """Blank them as a contact, and out of what they wrote in reviews; the account takes the rest with it."""
    WorkTerms.objects.filter(contact_email__iexact=member.email).update(contact_name="", contact_email="")
    if user := member.user:
        Post.objects.filter(author=user).update(author=None)
        Review.objects.filter(submitted_by=user).update(submitted_by=None)
        Review.objects.filter(decided_by=user).update(decided_by=None, remark="")
