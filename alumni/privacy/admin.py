"""Members in the back office, with erasing them, for who manages privacy."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from alumni.accounts.office import View, page, person, require, scopes
from alumni.joining import member_admin
from alumni.members.models import Member
from alumni.privacy import erasure


@admin.register(Member)
class MemberAdmin(member_admin.MemberAdmin):
    """Adds the button that erases, and the page that asks once more."""

    def pages(self) -> list[tuple[str, View, str]]:
        return [("<int:pk>/erase/", self.erase, "erase"), *super().pages()]

    def may(self, request: HttpRequest, member: Member) -> dict[str, str]:
        can = super().may(request, member)
        return can | {"erase": self.url("erase", member.pk)} if "privacy:manage" in scopes(request) else can

    def erase(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks, POST erases the member everywhere, for good."""
        require(request, "privacy:manage")
        member = self.get_or_404(request, pk)
        if request.method == "POST":
            erasure.erase(member=member, requested_by=person(request))
            messages.success(
                request, _("Erased. A keyed code of the address stays, and ledger entries without a name.")
            )
            return redirect(self.url("changelist"))
        crumbs = [self.home(), (member.full_name, self.url("change", pk))]
        return page(
            request,
            self,
            "admin/alumni/member/erase.html",
            title=_("Erase"),
            crumbs=crumbs,
            member=member,
            back=self.url("change", pk),
        )
