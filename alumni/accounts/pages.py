"""Login by code, without JavaScript. The same pages serve members and people of HR."""

from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.account.internal import flows
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from alumni.accounts import login_code


class LoginPage(views.RequestLoginCodeView):
    """Asks for the address. Answers the same whether it is known or not."""

    template_name = "account/login.html"
    http_method_names = ["get", "head", "post"]

    def _redirect_to_pending_stage(self, *_args: Any) -> None:
        # Who comes back here wants another code, or mistyped the address.
        return None


class ConfirmCodePage(views.ConfirmLoginCodeView):
    """Asks for the code that was mailed."""

    template_name = "account/confirm_code.html"
    http_method_names = ["get", "head", "post"]

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.stage.login.user is None:
            login_code.look_up_nobody()
        return super().get_form_kwargs()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(email=self.stage.state.get("email", ""), **kwargs)


login = LoginPage.as_view()
confirm_code = ConfirmCodePage.as_view()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    """GET asks, POST does."""
    if request.method == "POST":
        flows.logout.logout(request)
        return redirect(settings.LOGOUT_REDIRECT_URL)
    if not request.user.is_authenticated:
        return redirect(settings.LOGOUT_REDIRECT_URL)
    return render(request, "account/logout.html")


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """Where allauth sends somebody whose user was switched off between the code and the login."""
    return render(request, "account/inactive.html", status=403)


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door: what this network is, how to join, and where one's own pages are."""
    own = get_adapter().get_login_redirect_url(request) if request.user.is_authenticated else None
    return render(request, "kring/home.html", {"own": own, "is_demo": settings.DEMO, "has_mailbox": settings.MAILBOX})


@never_cache
@require_safe
def office_login(request: HttpRequest) -> HttpResponseBase:
    """Where the back office sends who may not see a page: to the login, or, logged in as no staff, away (403)."""
    return secure_admin_login(admin.site.login)(request)
