"""The phone channel's URLs, from the root."""

from django.urls import include, path

from tickets.channels.phone import desk

phone_urls = [
    path("admin/desk/calls/", desk.log, name="calls"),
    path("admin/desk/calls/number/<int:number>/", desk.choose_number, name="choose_number"),
    path("admin/desk/calls/new/", desk.new, name="new_call"),
]
urlpatterns = [path("", include((phone_urls, "phone")))]
