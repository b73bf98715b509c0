"""The URL of the chat's websocket."""

from typing import Any

from django.urls import path

from tickets.channels.chat.consumer import serve_chat

application: Any = serve_chat  # typed as Any, because path() is typed for views only
websocket_urlpatterns = [path("ws/chat/<slug:key>/", application)]
