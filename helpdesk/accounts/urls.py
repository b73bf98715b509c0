"""A person's own addresses."""

from django.urls import path

from helpdesk.accounts import views

urlpatterns = [
    path("accounts/invitation/<str:token>/", views.accept_invitation, name="accept_invitation"),
    path("accounts/settings/", views.my_settings, name="my_settings"),
    path("accounts/home/", views.home_for_user, name="home_for_user"),
]
