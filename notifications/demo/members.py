"""Lets the people of `people.py` join, each as the opt-in page would."""

import datetime as dt

from alumni.consent import suppression
from alumni.joining.opt_in import enrol
from alumni.members import profile
from alumni.members.models import Employment, Member
from notifications.demo.people import PEOPLE, Person
from notifications.digests import preferences


def make(*, today: dt.date) -> None:
    """Everybody, in their order."""
    for person in PEOPLE:
        join(person, today=today)


def join(person: Person, *, today: dt.date) -> Member:
    """One person with employment, offer and skills, their consents as they ticked them, and their rhythm."""
    given, infix, family = person.name
    member = Member.objects.create(
        given_name=given,
        infix=infix,
        family_name=family,
        email=person.email,
        city=person.city,
        country=person.country,
        language=person.language,
        is_alumnus=person.job is not None,
        is_freelancer=person.offer is not None,
        source="demo",
    )
    if person.job:
        first, last = person.job.years
        Employment.objects.create(
            member=member,
            role=person.job.role,
            department=person.job.department,
            started_on=dt.date(first, 3, 1),
            ended_on=dt.date(last, 10, 31),
            source="demo",
            external_id=f"demo-{member.pk}",
        )
    if person.offer:
        trade_name, rate_min, rate_max, hours, days = person.offer
        values = {"trade_name": trade_name, "rate_min": rate_min, "rate_max": rate_max, "hours_max": hours}
        available_from = today + dt.timedelta(days=days)
        profile.set_freelance(member=member, values=values | {"hours_min": hours - 8, "available_from": available_from})
    profile.set_skills(member=member, names=list(person.skills))
    enrol(member=member, consents=dict.fromkeys(person.consents, True))
    _set_rhythm(member, person, today)
    if person.suppressed:
        suppression.suppress(email=member.email, reason=person.suppressed)
    return member


def _set_rhythm(member: Member, person: Person, today: dt.date) -> None:
    changes = dict(person.rhythm)
    if person.paused_days:
        changes["paused_until"] = today + dt.timedelta(days=person.paused_days)
    if changes:
        member.refresh_from_db()
        preferences.update(member=member, **changes)
