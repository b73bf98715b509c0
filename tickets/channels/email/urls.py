"""Email's full addresses."""

from django.urls import include, path

from tickets.channels.email.inbound import webhooks
from tickets.channels.email.mailboxes import domain_pages, pages

email_urls = [
    path("channels/email/<slug:key>/", webhooks.receive, name="webhook"),
    path("channels/email/<slug:key>/tracking/", webhooks.follow, name="tracking"),
    path("admin/mailboxes/", pages.overview, name="mailboxes"),
    path("admin/mailboxes/banner/", pages.banner, name="banner"),
    path("admin/mailboxes/domains/", domain_pages.overview, name="domains"),
    path("admin/mailboxes/domains/<str:domain>/", domain_pages.domain, name="domain"),
    path("admin/mailboxes/new/", pages.settings_of, name="new_mailbox"),
    path("admin/mailboxes/signed-in/", pages.signed_in, name="signed_in"),
    path("admin/mailboxes/received/<int:inbound_id>/", pages.raw, name="raw"),
    path("admin/mailboxes/received/<int:inbound_id>/again/", pages.again, name="again"),
    path("admin/mailboxes/<int:mailbox_id>/", pages.one, name="mailbox"),
    path("admin/mailboxes/<int:mailbox_id>/settings/", pages.settings_of, name="mailbox_settings"),
    path("admin/mailboxes/<int:mailbox_id>/test/", pages.test, name="test_mailbox"),
    path("admin/mailboxes/<int:mailbox_id>/sign-in/", pages.sign_in, name="sign_in"),
    path(
        "admin/mailboxes/<int:mailbox_id>/<int:year>-<int:month>-<int:number_of_day>/", pages.day, name="day"
    ),
]
urlpatterns = [path("", include((email_urls, "email")))]
