"""Decide whether an IP address is public. Only what is known to be public is allowed; the rest is refused.

Sources: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and its successors), RFC 6052
(NAT64), RFC 7526 (the end of 6to4 relays).
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SPECIAL_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # shared among the customers of an internet provider (carrier-grade NAT)
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local; clouds serve credentials there
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
SPECIAL_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID and others
            "2001:db8::/32",
            "2002::/16",  # 6to4: may contain any IPv4 address
            "2620:4f:8000::/48",
            "3ffe::/16",  # returned to IANA
            "3fff::/20",
        ),
    )
)


def parse_target(address: str) -> Address:
    """Return the address that a connection to `address` would reach, without its zone.

    An IPv4 address mapped into IPv6 (::ffff:…) or translated by NAT64 (64:ff9b::…) is returned as IPv4.

    Raises:
        ValueError: `address` is not an IP address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed
    if parsed in NAT64:
        return ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
    return parsed.ipv4_mapped or parsed


def is_public(address: str) -> bool:
    """Tell whether an address is global unicast, outside the special-purpose networks and without a zone."""
    parsed = parse_target(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in SPECIAL_IPV4)
    is_global = parsed in GLOBAL_UNICAST and "%" not in address
    return is_global and not any(parsed in network for network in SPECIAL_IPV6)
