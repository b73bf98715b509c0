"""Where a request comes from, and mail addresses in one form."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# What mail servers let in though no form takes it: dots anywhere, letters of every script, hosts of the house
# without a dot. Nothing that ends an address in a header or a command.
RECEIVED = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*")


def find_request_address(request: Any) -> str:
    """Return the client's IP address of a Django request; see `client_address`."""
    return find_client_address(
        request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    )


def find_scope_address(scope: Mapping[str, Any]) -> str:
    """Return the client's IP address of an ASGI scope."""
    client = scope.get("client") or ("", 0)
    headers = dict(scope.get("headers", ()))
    return find_client_address(client[0], headers.get(b"x-forwarded-for", b"").decode("latin-1"))


def find_request_network(request: Any) -> str:
    """Return whom a limit of this Django request is for; see `network`."""
    return reduce_to_network(find_request_address(request))


def reduce_to_network(address: str) -> str:
    """Return whom a limit is for: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address or "local"
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def find_client_address(peer: str, forwarded_for: str) -> str:
    """Return the last address that no trusted proxy added.

    X-Forwarded-For is believed only from the right, and only as far as the hops are in
    TANDEM_TRUSTED_PROXIES: what a stranger writes into the header is worth nothing.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    address = peer
    while hops and (address in settings.TRUSTED_PROXIES or not address):
        address = hops.pop()
    return address


def normalise_email(text: str) -> str:
    """Return a mail address in lower case, or an empty text when it is none.

    One with letters that mean others (the sign for kelvin, wide letters) is none: names of servers are made
    plain on the way to them, and what judged the sender's domain may have looked at another. One with the
    beginning of an encoded word in it is none: mail programs would read something else there.
    """
    address = text.strip().strip("<>")
    if unicodedata.normalize("NFKC", address) != address or "=?" in address:
        return ""
    address = address.lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""


def normalise_sender(text: str) -> str:
    """Return the address of a mail that came in, in lower case, or an empty text when it is none.

    Everybody whom SMTP let in can write to us, so more is taken than may be typed; nothing that means another
    address is (`normalise_email`).
    """
    address = text.strip().strip("<>")
    if usual := normalise_email(address):
        return usual
    if (
        unicodedata.normalize("NFKC", address) != address
        or "=?" in address
        or not RECEIVED.fullmatch(address)
    ):
        return ""
    address = address.lower()
    try:
        host = address.rpartition("@")[2].encode("idna").decode()
    except UnicodeError:
        return ""
    return address if HOST.fullmatch(host) and len(address) <= 254 and address.isprintable() else ""
