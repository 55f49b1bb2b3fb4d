"""The whole API on one page, one line a resource. Identifiers in a path are UUIDs: anything else is a 404."""

from django.urls import URLPattern, URLResolver, path

from alumni.consent.api import MyConsentsView
from backend.openapi import schema

# A view set reads:  path("members/", MemberViewSet.as_view({"get": "list", "post": "create"})),
#                    path("members/<uuid:uid>/", MemberViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", schema, name="schema"),
    path("me/consents/", MyConsentsView.as_view(), name="my_consents"),
]
