"""Editions: what was published in a week, for a whole audience in one language, without anything personal.

The edition of the running week follows what is published and closed; when the week has ended it is brought up to date
one last time and then never changes. Numbers follow the weeks in which there was something.
"""

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from notifications.audiences.models import Audience
from notifications.audiences.rules import checked
from notifications.digests.models import Edition, EditionItem
from notifications.posts.models import Kind, Post, PostState, PostText

log = structlog.get_logger(__name__)

ORDER = {Kind.GIG: 0, Kind.VACANCY: 1, Kind.UPDATE: 2}


def period_of(at: dt.datetime) -> str:
    """The ISO week of a moment, on the company's clock: 2026-W47."""
    year, week, _day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).isocalendar()
    return f"{year}-W{week:02}"


def bounds(period: str) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of a week, and the first one after it."""
    year, week = period.split("-W")
    monday = dt.date.fromisocalendar(int(year), int(week), 1)
    zone = ZoneInfo(settings.TIME_ZONE)
    first, last = (
        dt.datetime.combine(day, dt.time.min, tzinfo=zone) for day in (monday, monday + dt.timedelta(days=7))
    )
    return first, last


def refresh(*, at: dt.datetime) -> int:
    """Bring up to date what is not final yet; returns how many editions changed. Makes up for missed weeks."""
    changed = 0
    for period in _unsettled(at):
        for audience in Audience.objects.order_by("pk"):
            for language, _name in settings.LANGUAGES:
                changed += _refresh_one(audience, language, period, at)
    return changed


def _unsettled(at: dt.datetime) -> Iterator[str]:
    """The weeks from the first that may still change up to this one."""
    newest = Edition.objects.aggregate(newest=Max("period"))["newest"]
    first = Post.objects.aggregate(first=Min("published_at"))["first"]
    if first is None:
        return
    moment = bounds(newest)[0] if newest else first
    while period_of(moment) <= period_of(at):
        yield period_of(moment)
        moment = bounds(period_of(moment))[1]


@transaction.atomic
def _refresh_one(audience: Audience, language: str, period: str, at: dt.datetime) -> int:
    edition = Edition.objects.select_for_update().filter(audience=audience, language=language, period=period).first()
    if edition is not None and edition.updated_at >= bounds(period)[1]:
        return 0  # final
    wanted = _versions(audience, language, period)
    if edition is None:
        if not wanted:
            return 0
        edition = Edition(audience=audience, language=language, period=period, number=_next_number(audience, language))
    elif at < bounds(period)[1] and wanted == _listed(edition):
        return 0
    edition.save()  # moves updated_at: the one after the end of the week makes it final
    EditionItem.objects.filter(edition=edition).delete()
    EditionItem.objects.bulk_create(
        [
            EditionItem(edition=edition, version_id=version_id, rank=rank)
            for rank, version_id in enumerate(wanted, start=1)
        ]
    )
    log.info("edition_refreshed", period=period, audience=audience.code, language=language, posts=len(wanted))
    return 1


def _listed(edition: Edition) -> list[int]:
    return list(EditionItem.objects.filter(edition=edition).order_by("rank").values_list("version_id", flat=True))


def _next_number(audience: Audience, language: str) -> int:
    last = Edition.objects.filter(audience=audience, language=language).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _versions(audience: Audience, language: str, period: str) -> list[int]:
    """The versions of the week's posts that are for all of this audience and have a text in this language.

    In order: gigs, vacancies, news; in each the newest first. A post that was closed within its week is out.
    """
    first, end = bounds(period)
    kinds = set(checked(audience.rule, schema_version=audience.schema_version)["kinds"])
    posts = Post.objects.filter(published_at__gte=first, published_at__lt=end, current_version__isnull=False)
    posts = posts.exclude(state=PostState.CLOSED, closed_at__lt=end).select_related("audience")
    meant = [
        post
        for post in posts
        if kinds <= set(checked(post.audience.rule, schema_version=post.audience.schema_version)["kinds"])
    ]
    versions = {post.current_version_id for post in meant}
    said = set(PostText.objects.filter(version_id__in=versions, language=language).values_list("version_id", flat=True))
    meant.sort(key=lambda post: (ORDER[Kind(post.kind)], -(post.published_at or timezone.now()).timestamp(), post.pk))
    return [post.current_version_id for post in meant if post.current_version_id in said]
