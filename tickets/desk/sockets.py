"""The desk's websocket door."""

from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from tickets.desk.consumer import DeskConsumer

websocket_urlpatterns = [path("ws/desk/", AllowedHostsOriginValidator(DeskConsumer.as_asgi()))]
