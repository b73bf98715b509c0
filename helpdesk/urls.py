"""Every address of Tandem."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from helpdesk.accounts.preferences import set_preferences
from helpdesk.first.views import first_page
from helpdesk.runtime import health
from helpdesk.runtime.environment import read_flag
from helpdesk.style_page import style_page
from tickets.channels.registry import url_patterns
from tickets.intake.webhooks import take_event

urlpatterns = [
    path("admin/desk/", include("tickets.desk.urls")),  # first: what is asked for most is found soonest
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("helpdesk.accounts.urls")),
    path("first/<str:token>/", first_page, name="first_page"),
    path("preferences/", set_preferences, name="preferences"),
    path("admin/style/", admin.site.admin_view(style_page), name="style_page"),
    path("admin/style/<slug:surface>/", admin.site.admin_view(style_page), name="style_page"),
    path("", include("metrics.urls")),
    path("routing/", include("routing.urls")),
    *url_patterns(),  # before the admin site, which answers for every address under it
    path("channels/<slug:slug>/<slug:key>/", take_event, name="webhook"),  # after the channels' own
    path("admin/", admin.site.urls),
    path("api/v1/", include("routing.api.urls")),
    path("api/v1/", include("tickets.api.urls")),
    path(
        "api/schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="schema",
    ),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(authentication_classes=[], permission_classes=[]),
        name="api_docs",
    ),
    path("", include("tickets.portal.urls")),
]

handler400 = "helpdesk.errors.bad_request"
handler404 = "helpdesk.errors.not_found"
handler500 = "helpdesk.errors.server_error"

if read_flag("TANDEM_BENCH"):  # set by `manage.py bench` alone
    urlpatterns += [path("", include("helpdesk.bench.floor"))]
