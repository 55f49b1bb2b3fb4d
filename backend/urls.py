"""Every URL. The API has its own page: `api_urls`."""

from allauth.idp.oidc.views import token as oauth_token
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from alumni.accounts import headless, pages
from alumni.consent import pages as consent_pages
from alumni.joining import pages as joining_pages
from alumni.members import pages as member_pages
from alumni.privacy import pages as privacy_pages
from backend import error_pages, health, office, openapi
from notifications.digests import pages as digest_pages
from notifications.digests import unsubscribe
from notifications.mail import pages as mail_pages
from notifications.posts import pages as post_pages

office.keep_ours()

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    # The API, and how to get in: OAuth 2 client credentials for programs, a code by mail for people.
    path("api/v1/", include("backend.api_urls")),
    path("api/docs/", openapi.SwaggerPage.as_view(), name="api_docs"),
    path("identity/o/api/token", oauth_token, name="oauth_token"),
    path("_allauth/app/v1/auth/code/request", headless.request_code, name="headless_request_code"),
    path("_allauth/app/v1/auth/code/confirm", headless.confirm_code, name="headless_confirm_code"),
    path("_allauth/app/v1/auth/session", headless.session, name="headless_session"),
    # Pages of login. allauth asks for the first page by either name.
    path("accounts/login/", pages.login, name="account_login"),
    path("accounts/login/", pages.login, name="account_request_login_code"),
    path("accounts/login/code/", pages.confirm_code, name="account_confirm_login_code"),
    path("accounts/logout/", pages.logout, name="account_logout"),
    path("accounts/inactive/", pages.inactive, name="account_inactive"),
    # Joining: signing up, and the links in the mails.
    path("join/", joining_pages.join, name="join"),
    path("join/<str:token>/", joining_pages.opt_in, name="opt_in"),
    path("invited/<str:token>/", joining_pages.invited, name="invited"),
    # A member's own pages.
    path("account/", member_pages.my_profile, name="account"),
    path("account/preferences/", digest_pages.my_preferences, name="preferences"),
    path("account/digests/", digest_pages.my_digests, name="my_digests"),
    path("account/leave/", privacy_pages.leave, name="leave"),
    # In each digest. No slash at the end: a one-click POST must never be redirected.
    path("u/<str:token>", unsubscribe.page, name="unsubscribe"),
    # The demo's mail server, when MAILBOX is on.
    path("mailbox/", mail_pages.mailbox_list, name="mailbox"),
    path("mailbox/<slug:name>/", mail_pages.mailbox_letter, name="mailbox_letter"),
    path("mailbox/<slug:name>/html/", mail_pages.mailbox_html, name="mailbox_html"),
    path("mailbox/<slug:name>/raw/", mail_pages.mailbox_raw, name="mailbox_raw"),
    path("i18n/", include("django.conf.urls.i18n")),
    # The texts that consents were given on, for ever at their address.
    path("notices/<slug:purpose>/<int:version>/<slug:language>/", consent_pages.notice, name="notice"),
    path("p/<slug:slug>", post_pages.page, name="post"),
    # The back office has no login of its own. Nobody has a password, so Django's pages to change one are not there.
    path("office/login/", pages.office_login),
    re_path(r"^office/(?:password_change/|.*/password/$)", error_pages.nothing_here),
    path("office/", admin.site.urls),
    # Whatever else is asked of the API gets a problem document, also where Django would redirect or debug.
    re_path(r"^(?:api|_allauth|identity)/", error_pages.api_nothing_here),
]

handler400 = error_pages.bad_request
handler403 = error_pages.forbidden
handler404 = error_pages.not_found
handler500 = error_pages.server_error
