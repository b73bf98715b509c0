"""The chat's websocket door."""

from typing import Any

from django.urls import path

from tickets.channels.chat.consumer import chat

application: Any = chat  # Django's path() knows views only
websocket_urlpatterns = [path("ws/chat/<slug:key>/", application)]
