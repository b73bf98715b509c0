"""Which IP addresses lie in the public internet: an allow rule, so what nobody has thought of is refused.

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
            "100.64.0.0/10",  # shared by a provider's customers
            "127.0.0.0/8",
            "169.254.0.0/16",  # also where clouds give out credentials
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
            "2002::/16",  # 6to4: any IPv4 address may stand inside
            "2620:4f:8000::/48",
            "3ffe::/16",  # given back
            "3fff::/20",
        ),
    )
)


def parse_target(address: str) -> Address:
    """Return the address that a connection to `address` would reach; its zone is left out.

    An IPv4 address written as IPv6 and one that a NAT64 translates are the IPv4 address they stand for.

    Raises:
        ValueError: it is no IP address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed
    if parsed in NAT64:
        return ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
    return parsed.ipv4_mapped or parsed


def is_public(address: str) -> bool:
    """Tell whether an address is a global unicast one, of no special purpose and of no zone."""
    parsed = parse_target(address)
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in SPECIAL_IPV4)
    is_global = parsed in GLOBAL_UNICAST and "%" not in address
    return is_global and not any(parsed in network for network in SPECIAL_IPV6)
