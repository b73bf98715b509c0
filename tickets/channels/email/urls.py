"""Email's full addresses."""

from django.urls import include, path

from tickets.channels.email import webhooks

email_urls = [
    path("channels/email/<slug:key>/", webhooks.receive, name="webhook"),
    path("channels/email/<slug:key>/tracking/", webhooks.follow, name="tracking"),
]
urlpatterns = [path("", include((email_urls, "email")))]
