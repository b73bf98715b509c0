"""Normalise mail addresses, and find the IP address of a request's client."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# Addresses that mail servers accept though forms do not: dots anywhere, letters of any script, host names
# without a dot. No character that ends an address in a header or an SMTP command.
RECEIVED = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x20\x7f-\x9f]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
HOST = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?)*")


def find_request_address(request: Any) -> str:
    """Return the IP address of the client of a Django request; see `find_client_address`."""
    return find_client_address(
        request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    )


def find_scope_address(scope: Mapping[str, Any]) -> str:
    """Return the IP address of the client of an ASGI scope; see `find_client_address`."""
    client = scope.get("client") or ("", 0)
    headers = dict(scope.get("headers", ()))
    return find_client_address(client[0], headers.get(b"x-forwarded-for", b"").decode("latin-1"))


def find_request_network(request: Any) -> str:
    """Return the network to which a rate limit of this Django request applies; see `reduce_to_network`."""
    return reduce_to_network(find_request_address(request))


def reduce_to_network(address: str) -> str:
    """Return the network to which a rate limit applies: an IPv4 address, or the /64 of an IPv6 address.

    One IPv6 subscriber usually has a whole /64. A text that is no address is returned as it is, or "local".
    """
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
    """Return the client's IP address: the last address before our trusted proxies.

    `peer` is the address of the connection, `forwarded_for` the X-Forwarded-For header. It is read from
    the right, as long as the address before is in TANDEM_TRUSTED_PROXIES: a client can write anything there.
    """
    hops = [hop.strip() for hop in forwarded_for.split(",") if hop.strip()]
    address = peer
    while hops and (address in settings.TRUSTED_PROXIES or not address):
        address = hops.pop()
    return address


def normalise_email(text: str) -> str:
    """Return a typed mail address in lower case, or an empty text if it is not valid.

    Compatibility letters (the Kelvin sign, full-width letters) are refused: resolvers convert them to
    plain letters, so the check of the sender's domain may have looked at a different domain. "=?" is refused,
    since mail programs decode it as an encoded word (RFC 2047).
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
    """Return the sender's address of a received mail in lower case, or an empty text if it is not valid.

    More is accepted than in forms, since whoever could send it must get an answer. What could be read as
    another address is refused, as in `normalise_email`.
    """
    address = text.strip().strip("<>")
    if typical := normalise_email(address):
        return typical
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
