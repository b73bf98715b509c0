"""The websocket doors of all packages."""

from __future__ import annotations

from typing import Any

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from django.urls import re_path

from tickets.channels.registry import socket_patterns
from tickets.desk.sockets import websocket_urlpatterns as desk_sockets


async def nowhere(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Refuse a socket at an address that is none: the server answers 403 and logs no fault."""
    await receive()
    await send({"type": "websocket.close", "code": 4404, "reason": "not found"})


refusal: Any = nowhere  # Django's re_path() knows views only
websocket_urlpatterns = [*desk_sockets, *socket_patterns(), re_path("", refusal)]
