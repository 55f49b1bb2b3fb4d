"""Posts for the tests of this app."""

from collections.abc import Callable
from typing import Any

import pytest

from alumni.accounts.models import User
from notifications.audiences.models import Audience
from notifications.posts import review, writing
from notifications.posts.models import Post

GIG_TERMS = {
    "pay_min": "85.00",
    "pay_max": "95.00",
    "unit": "hour",
    "hours_min": 24,
    "hours_max": 24,
    "place": "Utrecht",
    "start": None,
}
VACANCY_TERMS = {
    "pay_min": "3200",
    "pay_max": "4100",
    "unit": "month",
    "hours_min": 32,
    "hours_max": 36,
    "place": "Utrecht",
}


@pytest.fixture
def audience_of(db: None) -> Callable[[str], Audience]:
    return lambda code: Audience.objects.get(code=code)


@pytest.fixture
def make_post(author: User) -> Callable[..., Post]:
    """A draft: `make_post("gig", title="Meetdata op orde", skills=["Python"])`."""

    def make(
        kind: str = "gig",
        *,
        title: str = "Meetdata op orde brengen",
        audience: str = "everybody",
        skills: list[str] | tuple[str, ...] = (),
        texts: dict[str, dict[str, str]] | None = None,
        terms: dict[str, Any] | None = None,
        **more: Any,
    ) -> Post:
        text = {
            "title": title,
            "summary": "Er missen stukken en klokken lopen uiteen.",
            "body": "We spreken een resultaat af.",
        }
        if kind == "update":
            text["why"] = "Omdat het magazijn te klein werd."
        default_terms = {"gig": GIG_TERMS, "vacancy": VACANCY_TERMS}.get(kind)
        return writing.create(
            kind=kind,
            author=more.pop("author", author),
            texts=texts or {"nl": text},
            audience=Audience.objects.get(code=audience),
            terms=None if default_terms is None else {**default_terms, **(terms or {})},
            skills=[(name, False) for name in skills],
            **more,
        )

    return make


@pytest.fixture
def publish(author: User, approver: User) -> Callable[[Post], Post]:
    """Submit, approve and publish a draft."""

    def go(post: Post) -> Post:
        review.submit(post=post, by=author)
        review.approve(post=post, by=approver, answers=review.CLEAR)
        return review.publish(post=post, by=approver)

    return go
