"""The URL of the desk's websocket."""

from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from tickets.desk.live.consumer import DeskConsumer

websocket_urlpatterns = [path("ws/desk/", AllowedHostsOriginValidator(DeskConsumer.as_asgi()))]
