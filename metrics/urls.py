"""Every address of metrics, mounted at the root before the admin site."""

from django.urls import include, path

urlpatterns = [
    path("s/", include("metrics.surveys.urls")),
]
