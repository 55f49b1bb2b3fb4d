"""The whole API on one page, one line a resource. Identifiers in a path are UUIDs: anything else is a 404."""

from django.urls import URLPattern, URLResolver, path

from alumni.consent.api import MyConsentsView
from alumni.joining.import_api import ImportViewSet
from alumni.joining.invite_api import InviteView
from alumni.joining.join_api import ConfirmView, JoinView
from alumni.members.api import MyFreelanceView, MySkillsView
from alumni.privacy.api import MemberViewSet, MeView
from backend.openapi import schema
from notifications.digests.api import DigestViewSet, MyDigestsView
from notifications.digests.edition_api import EditionViewSet
from notifications.digests.preference_api import MyPreferencesView
from notifications.digests.run_api import RunViewSet
from notifications.posts.api import GigViewSet, PostViewSet, UpdateViewSet, VacancyViewSet
from notifications.social.api import DraftViewSet

# A view set reads:  path("members/", MemberViewSet.as_view({"get": "list", "post": "create"})),
#                    path("members/<uuid:uid>/", MemberViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", schema, name="schema"),
    path("gigs/", GigViewSet.as_view({"get": "list", "post": "create"}), name="gigs"),
    path("gigs/<uuid:uid>/", GigViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="gig"),
    path("vacancies/", VacancyViewSet.as_view({"get": "list", "post": "create"}), name="vacancies"),
    path(
        "vacancies/<uuid:uid>/", VacancyViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="vacancy"
    ),
    path("updates/", UpdateViewSet.as_view({"get": "list", "post": "create"}), name="updates"),
    path("updates/<uuid:uid>/", UpdateViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="update"),
    path("posts/", PostViewSet.as_view({"get": "list"}), name="posts"),
    path("posts/<uuid:uid>/", PostViewSet.as_view({"get": "retrieve"}), name="post_of_any_kind"),
    path("posts/<uuid:uid>/submit/", PostViewSet.as_view({"post": "submit"}), name="submit_post"),
    path("posts/<uuid:uid>/approve/", PostViewSet.as_view({"post": "approve"}), name="approve_post"),
    path("posts/<uuid:uid>/publish/", PostViewSet.as_view({"post": "publish"}), name="publish_post"),
    path("posts/<uuid:uid>/close/", PostViewSet.as_view({"post": "close"}), name="close_post"),
    path("posts/<uuid:uid>/audience/", PostViewSet.as_view({"get": "audience"}), name="reach_of_post"),
    path("drafts/", DraftViewSet.as_view({"get": "list"}), name="drafts"),
    path("drafts/<uuid:uid>/", DraftViewSet.as_view({"get": "retrieve", "patch": "partial_update"}), name="draft"),
    path("drafts/<uuid:uid>/posted/", DraftViewSet.as_view({"post": "posted"}), name="draft_posted"),
    path("members/", MemberViewSet.as_view({"get": "list", "post": "create"}), name="members"),
    path(
        "members/<uuid:uid>/",
        MemberViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="member",
    ),
    path("members/<uuid:uid>/invite/", InviteView.as_view(), name="invite_member"),
    path("imports/", ImportViewSet.as_view({"get": "list", "post": "create"}), name="imports"),
    path("imports/<uuid:uid>/", ImportViewSet.as_view({"get": "retrieve"}), name="import"),
    path("imports/<uuid:uid>/errors.csv", ImportViewSet.as_view({"get": "errors"}), name="import_errors"),
    path("imports/<uuid:uid>/apply/", ImportViewSet.as_view({"post": "apply"}), name="apply_import"),
    path("join/", JoinView.as_view(), name="join_api"),
    path("join/confirm/", ConfirmView.as_view(), name="join_confirm"),
    path("me/", MeView.as_view(), name="me"),
    path("me/skills/", MySkillsView.as_view(), name="my_skills"),
    path("me/freelance/", MyFreelanceView.as_view(), name="my_freelance"),
    path("me/preferences/", MyPreferencesView.as_view(), name="my_preferences_api"),
    path("me/digests/", MyDigestsView.as_view({"get": "list"}), name="my_digests_api"),
    path("digests/", DigestViewSet.as_view({"get": "list"}), name="digests"),
    path("digests/<uuid:uid>/", DigestViewSet.as_view({"get": "retrieve"}), name="digest"),
    path("editions/", EditionViewSet.as_view({"get": "list"}), name="editions"),
    path("editions/<uuid:uid>/", EditionViewSet.as_view({"get": "retrieve"}), name="edition"),
    path("runs/", RunViewSet.as_view({"get": "list", "post": "create"}), name="runs"),
    path("runs/<uuid:uid>/", RunViewSet.as_view({"get": "retrieve"}), name="run"),
    path("me/consents/", MyConsentsView.as_view(), name="my_consents"),
]
