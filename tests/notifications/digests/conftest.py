"""Published posts, and members by the dozen, without the ceremony that other rooms' tests look after."""

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from alumni.members.skills import resolve
from notifications.audiences.models import Audience
from notifications.posts.models import Post, PostText, PostVersion, VersionSkill, WorkTerms
from tests.faults.smtp_server import LyingServer

_numbers = count(1)


def publish_post(
    kind: str = "gig",
    title: str = "Meetdata op orde brengen",
    *,
    audience: str = "everybody",
    skills: Iterable[str] = (),
    required: Iterable[str] = (),
    terms: dict[str, Any] | None = None,
    texts: dict[str, dict[str, str]] | None = None,
    age: dt.timedelta = dt.timedelta(hours=1),
    **fields: Any,
) -> Post:
    """A published post with an approved version."""
    kinds = {"everybody": ["alumnus", "freelancer"], "alumni": ["alumnus"], "freelancers": ["freelancer"]}
    group, _made = Audience.objects.get_or_create(
        code=audience, defaults={"name": audience, "rule": {"kinds": kinds[audience]}}
    )
    number = next(_numbers)
    post = Post.objects.create(kind=kind, slug=f"post-{number}", audience=group, **fields)
    version = PostVersion.objects.create(post=post, number=1, approved_at=timezone.now(), sha256="0" * 64)
    words = {
        "title": title,
        "summary": f"Samenvatting van {title}.",
        "apply_url": f"https://werk.maasveld.example/{number}",
    }
    if kind == "update":
        words |= {"why": "Omdat het anders niet gaat.", "apply_url": ""}
    for language, text in (texts or {"nl": {}}).items():
        PostText.objects.create(version=version, language=language, **{**words, **text})
    if kind != "update":
        pay = (
            {"pay_min": "85.00", "pay_max": "95.00", "unit": "hour"}
            if kind == "gig"
            else {"pay_min": "5100.00", "pay_max": "6700.00", "unit": "month"}
        )
        WorkTerms.objects.create(version=version, **{**pay, "place": "Utrecht", **(terms or {})})
    names = dict.fromkeys(skills, False) | dict.fromkeys(required, True)
    for name, is_required in names.items():
        skill = next(iter(resolve([name]).values()))
        VersionSkill.objects.create(version=version, skill=skill, required=is_required)
    Post.objects.filter(pk=post.pk).update(
        state="published", published_at=timezone.now() - age, current_version=version
    )
    post.refresh_from_db()
    return post


@pytest.fixture
def publish(organisation: Any) -> Callable[..., Post]:
    return publish_post


@pytest.fixture
def server(settings):
    with LyingServer() as server:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", server.port
        yield server
