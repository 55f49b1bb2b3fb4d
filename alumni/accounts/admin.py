"""The company, the people of HR and the tokens, for administrators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from alumni.accounts import staff
from alumni.accounts.models import ApiToken, Organisation, User
from alumni.accounts.office import AdministratorsAdmin, View
from alumni.accounts.roles import Role


@admin.register(Organisation)
class OrganisationAdmin(AdministratorsAdmin):
    """One row, so the list is its form."""

    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "network_name",
                    "street",
                    ("postcode", "city"),
                    ("country", "company_number"),
                    "phone",
                )
            },
        ),
        (
            gettext_lazy("Mail"),
            {
                "fields": (
                    ("sender_name", "sender_role"),
                    "from_email",
                    "reply_to",
                    ("mail_processor", "mail_processor_place"),
                )
            },
        ),
        (gettext_lazy("Privacy"), {"fields": ("privacy_email", "allow_post_exit_invite")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and not Organisation.objects.exists()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return redirect(self.url("change", 1) if Organisation.objects.exists() else self.url("add"))

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        obj.pk = 1
        obj.languages = obj.languages or ["nl", "en"]
        obj.save()


class StaffForm(forms.ModelForm):
    """A person of HR with their roles."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("roles"), choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ("email", "name", "is_active")
        widgets = {
            "email": UnfoldAdminTextInputWidget,
            "name": UnfoldAdminTextInputWidget,
            "is_active": UnfoldBooleanSwitchWidget,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["roles"].initial = list(self.instance.groups.values_list("name", flat=True))
            self.fields["email"].disabled = True


@admin.register(User)
class UserAdmin(AdministratorsAdmin):
    """People of HR. Members have a login too, but not here."""

    form = StaffForm
    can_add = True
    list_display = ("name", "email", "roles", "is_active")
    search_fields = ("name", "email")
    ordering = ("name", "email")
    fields = ("email", "name", "roles", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).filter(is_staff=True).prefetch_related("groups")

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: User) -> str:
        names = {group.name for group in user.groups.all()}
        return ", ".join(str(role.label) for role in Role if role in names)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        roles = form.cleaned_data["roles"]
        appointed = staff.appoint(email=obj.email, name=obj.name, roles=roles)
        if not form.cleaned_data["is_active"]:
            User.objects.filter(pk=appointed.pk).update(is_active=False)
        obj.pk, obj.is_staff = appointed.pk, True

    def save_related(self, *_args: Any) -> None:
        """Roles were written with the user."""


@admin.register(ApiToken)
class ApiTokenAdmin(AdministratorsAdmin):
    """Who may call the API, and since when nobody did. Tokens are made on the command line: shown once, kept hashed."""

    list_display = ("name", "acts_for", "scopes", "created_at", "last_used_on", "state")
    list_select_related = ("token__client", "user")
    ordering = ("-created_at",)
    list_display_links = None
    actions = ("revoke",)
    empty_text = gettext_lazy("Make one with: manage.py token create NAME --scope …")

    def pages(self) -> list[tuple[str, View, str]]:
        return []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=gettext_lazy("acts for"))
    def acts_for(self, token: ApiToken) -> str:
        return str(token.user) if token.user else _("an integration")

    @admin.display(description=gettext_lazy("scopes"))
    def scopes(self, token: ApiToken) -> str:
        return " ".join(token.token.get_scopes()) if token.user is None else _("those of their roles")

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> str:
        if token.revoked_at:
            return _("revoked")
        ends = token.token.expires_at
        return _("expired") if ends and ends < timezone.now() else _("valid")

    @admin.action(description=gettext_lazy("Revoke the ticked tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        n = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        messages.success(request, ngettext("%d token revoked.", "%d tokens revoked.", n) % n)
