"""What a member got, and why: for their own page and for HR."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from alumni.accounts.organisation import the_organisation
from alumni.members.models import Member
from notifications.digests import reasons
from notifications.digests.models import Digest, DigestItem, DigestState
from notifications.posts.models import PostText

# Digests that reached the member, or may have.
GOT = (DigestState.HANDED_OVER, DigestState.UNCONFIRMED)


@dataclass(frozen=True)
class GotItem:
    """One post in a digest: its title in the member's language, and the reason as a sentence."""

    title: str
    slug: str
    reason: str


def _title(texts: list[PostText], language: str) -> str:
    by_language = {text.language: text.title for text in texts}
    return by_language.get(language) or next(iter(by_language.values()), "")


def of_member(member: Member, *, language: str, limit: int = 26) -> list[dict[str, Any]]:
    """The newest digests first: [{"digest": Digest, "items": [GotItem]}]. Four queries, however many."""
    items = DigestItem.objects.filter(outcome=None).select_related("post", "version").order_by("rank")
    digests = (
        Digest.objects.filter(member=member, state__in=GOT)
        .order_by("-handed_over_at", "-pk")
        .prefetch_related(Prefetch("items", queryset=items.prefetch_related("version__texts")))[:limit]
    )
    company = the_organisation().name
    return [
        {
            "digest": digest,
            "items": [
                GotItem(
                    title=_title(list(item.version.texts.all()), language),
                    slug=item.post.slug,
                    reason=reasons.sentence(item.reason, language, company=company) if item.reason else "",
                )
                for item in digest.items.all()
            ],
        }
        for digest in digests
    ]
