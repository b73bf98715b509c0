"""Every address of metrics, mounted at the root before the admin site."""

from django.urls import include, path

from metrics import views, wall_views

pages = [
    path("admin/metrics/", views.home_page, name="home"),
    path("admin/metrics/<slug:slug>/", views.metric_page, name="metric"),
    path("admin/metrics/<slug:slug>/tickets/", views.tickets_page, name="tickets"),
    path("admin/wallboard/", wall_views.wall_page, name="wallboard"),
    path("admin/wallboard/picture/", wall_views.picture_page, name="picture"),
]

urlpatterns = [
    path("s/", include("metrics.surveys.urls")),
    path("", include((pages, "metrics"))),
]
