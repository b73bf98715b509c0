"""Tell a request of this machine itself from a stranger's, also where a proxy stands before us."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from tickets.addresses import is_loopback, remote_address

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
PROXY_HEADERS = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


def asks_from_here(request: HttpRequest) -> bool:
    """Tell whether the asker sits at this machine.

    The peer's address alone would not do: behind a tunnel or a proxy on this machine every stranger comes
    from the loopback. So nothing that a proxy has touched counts, unless that proxy is in
    TANDEM_TRUSTED_PROXIES and names a client that is local; and the site must be called by a local name.
    """
    is_forwarded = any(header in request.headers for header in PROXY_HEADERS)
    if is_forwarded and request.META.get("REMOTE_ADDR", "") not in settings.TRUSTED_PROXIES:
        return False
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return host in LOCAL_NAMES and is_loopback(remote_address(request))
