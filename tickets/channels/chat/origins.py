"""Which pages may open the chat: their origin must be our own or on the channel's list."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def normalise(origin: str) -> str:
    """Return scheme://host[:port], lower case, without a default port; an empty text for anything else."""
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
    """Tell whether a page of `origin` may open the chat.

    Our own origins always may; an empty list lets every page in (a demo, a company that does not mind).
    A browser always says its origin: without one, nobody is let in.
    """
    page = normalise(origin)
    if not page:
        return False
    wanted = [normalise(str(other)) for other in listed]
    return not wanted or page in wanted or page in map(normalise, own)
