"""A person's own addresses: ours, and those of allauth that are for people who were invited."""

from allauth.account.urls import urlpatterns as account_patterns
from django.urls import include, path
from django.views.generic import RedirectView

from helpdesk.accounts import views

# An account's address is what its person signs in with: the administrator changes it, and nobody else can
# make it one that belongs to somebody else or to a mailbox of ours.
NOT_OFFERED = {"account_email", "account_confirm_email"}

urlpatterns = [
    path("accounts/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("accounts/settings/", views.my_settings, name="my_settings"),
    path("accounts/home/", views.home_for_user, name="home_for_user"),
    path("accounts/email/", RedirectView.as_view(pattern_name="my_settings"), name="account_email"),
    path("accounts/", include([p for p in account_patterns if p.name not in NOT_OFFERED])),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]
