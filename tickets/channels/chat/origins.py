"""Which web pages may open the chat: those whose origin is our own or on the channel's list."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def normalise(origin: str) -> str:
    """Return an origin as scheme://host[:port] in lower case, without a default port; empty if invalid."""
    try:
        parts = urlsplit(origin.strip().rstrip("/"))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path or parts.query or parts.username:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def is_allowed(origin: str, *, own: Iterable[str], listed: Iterable[str]) -> bool:
    """Return whether a page of `origin` may open the chat.

    `own` are our origins, which always may; `listed` are the channel's, and if empty, every page may.
    Browsers always send an origin: without one, the result is False.
    """
    page = normalise(origin)
    if not page:
        return False
    allowed = [normalise(str(other)) for other in listed]
    return not allowed or page in allowed or page in map(normalise, own)
