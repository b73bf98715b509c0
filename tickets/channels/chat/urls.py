"""The chat's URLs, from the root."""

from django.urls import include, path

from tickets.channels.chat import views

chat_urls = [
    path("widget.js", views.script, name="widget"),
    path("chat/", views.page, name="page"),
    path("channels/chat/<slug:key>/status/", views.status, name="status"),
    path("channels/chat/<slug:key>/frames/", views.frames, name="frames"),
    path("channels/chat/<slug:key>/files/<slug:public_id>/", views.attachment, name="file"),
]
urlpatterns = [path("", include((chat_urls, "chat")))]
