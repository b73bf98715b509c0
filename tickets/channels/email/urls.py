"""The email channel's URLs, from the root."""

from django.urls import include, path

from tickets.channels.email.inbound import webhooks
from tickets.channels.email.mailboxes import domain_pages, pages

email_urls = [
    path("channels/email/<slug:key>/", webhooks.receive, name="webhook"),
    path("channels/email/<slug:key>/tracking/", webhooks.follow, name="tracking"),
    path("admin/mailboxes/", pages.show_overview, name="mailboxes"),
    path("admin/mailboxes/banner/", pages.show_banner, name="banner"),
    path("admin/mailboxes/domains/", domain_pages.show_domains, name="domains"),
    path("admin/mailboxes/domains/<str:domain>/", domain_pages.show_domain, name="domain"),
    path("admin/mailboxes/new/", pages.edit_settings, name="new_mailbox"),
    path("admin/mailboxes/signed-in/", pages.complete_sign_in, name="signed_in"),
    path("admin/mailboxes/received/<int:inbound_id>/", pages.show_raw, name="raw"),
    path("admin/mailboxes/received/<int:inbound_id>/again/", pages.fetch_again, name="again"),
    path("admin/mailboxes/<int:mailbox_id>/", pages.show_mailbox, name="mailbox"),
    path("admin/mailboxes/<int:mailbox_id>/settings/", pages.edit_settings, name="mailbox_settings"),
    path("admin/mailboxes/<int:mailbox_id>/test/", pages.check_mailbox, name="test_mailbox"),
    path("admin/mailboxes/<int:mailbox_id>/sign-in/", pages.sign_in, name="sign_in"),
    path(
        "admin/mailboxes/<int:mailbox_id>/<int:year>-<int:month>-<int:number_of_day>/",
        pages.show_day,
        name="day",
    ),
]
urlpatterns = [path("", include((email_urls, "email")))]
