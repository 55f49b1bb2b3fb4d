"""Leaving altogether: a page that asks once, and a POST that does it."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from alumni.members.models import Member
from alumni.members.pages import member_page
from alumni.privacy.erasure import erase


@member_page
def leave(request: HttpRequest, member: Member) -> HttpResponse:
    """GET asks whether they are sure; POST erases the member who is logged in, and nobody else."""
    if request.method != "POST":
        return render(request, "privacy/leave.html", {"member": member})
    erase(member=member)
    logout(request)
    return render(request, "privacy/erased.html")
