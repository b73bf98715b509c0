"""The websocket doors of all packages."""

from tickets.channels.registry import socket_patterns
from tickets.desk.sockets import websocket_urlpatterns as desk_sockets

websocket_urlpatterns = [*desk_sockets, *socket_patterns()]
