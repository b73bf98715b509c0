"""Every address of metrics, mounted at the root before the admin site."""

from django.urls import include, path, register_converter
from django.urls.converters import SlugConverter

from metrics import api
from metrics.catalogue.registry import load_metrics
from metrics.pages import views, wall_views


class MetricConverter(SlugConverter):
    """Match a metric's slug only: other paths beside these pages belong to the settings."""

    def to_python(self, value: str) -> str:
        if value not in load_metrics():
            raise ValueError(value)
        return value


register_converter(MetricConverter, "metric")

pages = [
    path("admin/metrics/", views.home_page, name="home"),
    path("admin/metrics/<metric:slug>/", views.metric_page, name="metric"),
    path("admin/metrics/<metric:slug>/tickets/", views.tickets_page, name="tickets"),
    path("admin/wallboard/", wall_views.wall_page, name="wallboard"),
    path("admin/wallboard/picture/", wall_views.picture_page, name="picture"),
]

resources = [
    path("", api.MetricList.as_view(), name="metrics"),
    path("<slug:slug>/", api.MetricAnswer.as_view(), name="metric"),
    path("<slug:slug>/tickets/", api.MetricTickets.as_view(), name="metric_tickets"),
]

urlpatterns = [
    path("api/v1/metrics/", include((resources, "metrics_api"))),
    path("s/", include("metrics.surveys.urls")),
    path("", include((pages, "metrics"))),
]
