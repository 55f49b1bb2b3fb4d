"""The back office's start page: the few counts that HR looks for first, each with the way to the list behind it."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alumni.accounts.office import scopes
from alumni.accounts.organisation import the_organisation
from alumni.consent.models import IN_FORCE, OFFERED_PURPOSES, ConsentState, Notice
from alumni.joining import invitations, states
from alumni.joining.models import Import, ImportState
from alumni.joining.states import MemberState
from alumni.members.models import Member
from notifications.digests.models import Digest, DigestState, Preference
from notifications.posts.models import Review
from notifications.social.models import Draft, DraftState

_COLOURS = {
    MemberState.JOINED: "c-accent",
    MemberState.INVITED: "c-mid",
    MemberState.NOT_INVITED: "c-pale",
    MemberState.PAUSED: "c-soft",
    MemberState.EXPIRED: "c-line2",
    MemberState.DECLINED: "c-line2",
    MemberState.LEFT: "c-sunk",
}


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK. The number of queries does not grow with the network."""
    now = timezone.now()
    may = scopes(request)
    parts: dict[str, Any] = {"title": _("Overview"), "crumbs": [], "may": may, "today": timezone.localdate(now)}
    if "members:read" in may:
        parts |= _members(now) | {"purposes": _purposes(now)}
    if "digests:read" in may:
        parts["next_run"] = _next_run()
    if "posts:read" in may:
        parts["reviews"] = _reviews()
    if "drafts:read" in may:
        parts["drafts_ready"] = Draft.objects.filter(state=DraftState.READY).count()
    return context | parts | {"todo": _todo(may, parts)}


def _list(model: str, **query: Any) -> str:
    url = reverse(f"admin:{model}_changelist")
    return f"{url}?{urlencode(query)}" if query else url


def _members(now: dt.datetime) -> dict[str, Any]:
    counts = states.counted(Member.objects.all(), at=now)
    rows = [
        {
            "label": state.label,
            "n": counts[state.value],
            "kind": _COLOURS[state],
            "url": _list("alumni_member", state=state.value),
        }
        for state in MemberState
        if counts[state.value] or state in {MemberState.JOINED, MemberState.INVITED, MemberState.NOT_INVITED}
    ]
    month = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return {
        "members": rows,
        "members_total": sum(counts.values()),
        "joined": sum(counts[state] for state in (MemberState.JOINED, MemberState.PAUSED, MemberState.EXPIRED)),
        "joined_this_month": Member.objects.filter(joined_at__gte=month, left_at=None).count(),
    }


def _purposes(now: dt.datetime) -> dict[str, Any]:
    """Of those who said yes or no: how many said yes, for each purpose, and it still counts."""
    counting = Q(state__in=[str(state) for state in IN_FORCE]) & (Q(valid_until=None) | Q(valid_until__gt=now))
    answered = ConsentState.objects.filter(member__left_at=None).values("purpose")
    found = {row["purpose"]: row["n"] for row in answered.annotate(n=Count("member", filter=counting))}
    people = ConsentState.objects.filter(member__left_at=None).aggregate(n=Count("member", distinct=True))["n"]
    rows = [
        {"label": purpose.label, "n": found.get(purpose.value, 0), "url": _list("alumni_member", consent=purpose.value)}
        for purpose in OFFERED_PURPOSES
    ]
    return {"rows": sorted(rows, key=lambda row: -row["n"]), "people": people}


def _next_run() -> dict[str, Any]:
    """The next moment at which somebody is due, and how many are by the end of that day."""
    first = Preference.objects.aggregate(at=Min("next_due"))["at"]
    if first is None:
        return {"at": None, "n": 0}
    local = timezone.localtime(first)
    end = local.replace(hour=23, minute=59, second=59, microsecond=0)
    return {"at": local, "n": Preference.objects.filter(next_due__lte=end).count()}


def _reviews() -> dict[str, Any]:
    waiting = Review.objects.filter(decision="")
    return {
        **waiting.aggregate(n=Count("pk"), oldest=Min("submitted_at")),
        "first": list(
            waiting.select_related("post_version__post", "submitted_by")
            .prefetch_related("post_version__texts")
            .order_by("submitted_at")[:3]
        ),
    }


def _todo(may: frozenset[str], parts: dict[str, Any]) -> list[dict[str, str]]:
    """What asks for somebody: [{title, hint, tag, url}], the most pressing first."""
    todo = _company(may)
    for one in parts["reviews"]["first"] if "posts:publish" in may else []:
        post = one.post_version.post
        title = one.post_version.text_in(translation.get_language() or "nl").title
        closes = _("closes %(date)s") % {"date": date_format(post.closes_on, "j F")} if post.closes_on else _("approve")
        hint = f"{post.get_kind_display().capitalize()}, {one.submitted_by or '–'}"
        url = reverse("admin:notifications_post_change", args=[post.pk])
        todo.append(_entry(_("Approve: %(title)s") % {"title": title}, hint, closes, url, kind="warn"))
    if "digests:read" in may and (n := Digest.objects.filter(state=DigestState.UNCONFIRMED).count()):
        title = ngettext("%d e-mail is unconfirmed", "%d e-mails are unconfirmed", n) % n
        hint = _("The mail server went away. Look whether they arrived; we never send again by ourselves.")
        url = _list("notifications_digest", state__exact=DigestState.UNCONFIRMED.value)
        todo.append(_entry(title, hint, _("look"), url))
    if "drafts:write" in may and (n := parts["drafts_ready"]):
        title = ngettext("%d draft for LinkedIn is ready", "%d drafts for LinkedIn are ready", n) % n
        url = _list("notifications_draft", state__exact=DraftState.READY.value)
        todo.append(_entry(title, _("Copy, paste in the group, say that it is posted."), _("post"), url))
    return todo + (_people() if "members:write" in may else [])


def _company(may: frozenset[str]) -> list[dict[str, str]]:
    if "privacy:manage" not in may:
        return []
    todo = []
    if not the_organisation().has_postal_address:
        url = reverse("admin:alumni_organisation_changelist")
        hint = _("Without a postal address nothing may be sent.")
        todo.append(_entry(_("Fill in the company"), hint, _("first"), url, kind="bad"))
    elif not Notice.objects.filter(published_at__isnull=False).exists():
        hint = _("Nobody can join before the notices are published: manage.py publish_notices.")
        todo.append(_entry(_("Publish the notices"), hint, _("first"), _list("alumni_notice"), kind="bad"))
    return todo


def _people() -> list[dict[str, str]]:
    todo = []
    if n := Import.objects.filter(state=ImportState.STAGED).count():
        title = ngettext("%d import is checked, not yet applied", "%d imports are checked, not yet applied", n) % n
        todo.append(_entry(title, _("Nothing has changed yet."), _("decide"), _list("alumni_import")))
    if n := invitations.invitable(Member.objects.all()).count():
        title = ngettext("%d person can be invited", "%d people can be invited", n) % n
        hint = _("Each gets one mail, ever. Or leave them: they are erased after 30 days.")
        todo.append(_entry(title, hint, _("choose"), _list("alumni_member", invitable="yes")))
    return todo


def _entry(title: str, hint: str, tag: str, url: str, kind: str = "") -> dict[str, str]:
    return {"title": title, "hint": hint, "tag": tag, "url": url, "kind": kind}
