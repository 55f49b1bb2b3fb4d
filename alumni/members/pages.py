"""The member's own profile, as pages without JavaScript. The API and these write through `profile.py`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from alumni.members import profile
from alumni.members.forms import FreelanceForm, ProfileForm, show
from alumni.members.models import FreelanceProfile, Member, Skill
from backend.http.errors import KringError


def member_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for a logged-in member: `view(request, member)`. HR without a membership goes to the back office."""

    @never_cache
    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        member = Member.objects.joined().filter(user=request.user.pk).first()
        if member is None:
            is_staff = getattr(request.user, "is_staff", False)
            return redirect("admin:index") if is_staff else render(request, "members/no_member.html", status=403)
        return view(request, member, *args, **kwargs)

    return page


@member_page
def my_profile(request: HttpRequest, member: Member) -> HttpResponse:
    """Names and place, skills, freelance profile. Each form names itself in `do`."""
    forms = {"profile": ProfileForm.of(member), "freelance": FreelanceForm.of(_freelance(member))}
    if request.method == "POST":
        act = _ACTS.get(request.POST.get("do", ""))
        if act is not None and act(request, member, forms):
            return redirect("account")
    context = {
        "member": member,
        "freelance": _freelance(member),
        "profile_form": forms["profile"],
        "freelance_form": forms["freelance"],
        "skills": Skill.objects.filter(member_skills__member=member).order_by("name"),
        "employments": member.employments.all(),
    }
    return render(request, "members/profile.html", context)


def _freelance(member: Member) -> FreelanceProfile | None:
    return FreelanceProfile.objects.filter(member=member).first()


def _save_profile(request: HttpRequest, member: Member, forms: dict[str, Any]) -> bool:
    forms["profile"] = form = ProfileForm.of(member, request.POST)
    return form.is_valid() and _try(request, form, lambda: profile.update(member=member, changes=form.cleaned_data))


def _save_freelance(request: HttpRequest, member: Member, forms: dict[str, Any]) -> bool:
    forms["freelance"] = form = FreelanceForm.of(_freelance(member), request.POST)
    return form.is_valid() and _try(
        request, form, lambda: profile.set_freelance(member=member, values=form.cleaned_data)
    )


def _still_right(request: HttpRequest, member: Member, _forms: dict[str, Any]) -> bool:
    known = _freelance(member)
    if known is not None:
        profile.set_freelance(member=member, values={"available_from": known.available_from})
        messages.success(request, _("Thank you. Confirmed today."))
    return True


def _save_skills(request: HttpRequest, member: Member, _forms: dict[str, Any]) -> bool:
    """One more, or one less."""
    names = [skill.name for skill in Skill.objects.filter(member_skills__member=member).order_by("pk")]
    added = [part for part in request.POST.get("add", "").split(",") if part.strip()]
    removed = request.POST.get("remove")
    try:
        profile.set_skills(member=member, names=[name for name in names if name != removed] + added)
    except KringError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Saved."))
    return True


def _try(request: HttpRequest, form: Form, save: Callable[[], object]) -> bool:
    try:
        save()
    except KringError as error:
        show(error, form)
        return False
    messages.success(request, _("Saved."))
    return True


_ACTS: dict[str, Callable[[HttpRequest, Member, dict[str, Any]], bool]] = {
    "profile": _save_profile,
    "freelance": _save_freelance,
    "still_right": _still_right,
    "skills": _save_skills,
}
