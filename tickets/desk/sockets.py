"""The desk's websocket door."""

from typing import Any

websocket_urlpatterns: list[Any] = []
