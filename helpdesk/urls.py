"""Every address of Tandem."""

from django.contrib import admin
from django.urls import include, path

from tickets.channels.registry import url_patterns

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    *url_patterns(),
]
