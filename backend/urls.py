"""Every URL."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("backend.api_urls")),
    path("office/", admin.site.urls),
]
