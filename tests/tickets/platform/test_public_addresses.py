"""Only global unicast addresses without a special purpose are public."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.platform.public_addresses import is_public

PUBLIC = ["1.1.1.1", "93.184.216.34", "192.0.1.1", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
          "::ffff:8.8.8.8", "64:ff9b::808:808"]  # fmt: skip
SPECIAL = [
    "::127.0.0.1", "::", "::1", "64:ff9b:1::7f00:1", "64:ff9b:1::808:808", "::ffff:0:127.0.0.1",
    "::ffff:127.0.0.1",
    "fec0::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "192.88.99.1", "192.0.0.8", "192.0.0.9",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:808:808::1", "2001::1", "2001:db8::1",
    "3fff::1", "2001:10::1", "2001:20::1", "2001:2::1", "5f00::1", "100::1", "4000::1", "2606:4700::1111%1",
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.255.255", "192.0.2.1",
    "192.168.0.1", "198.19.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
IPV4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
IPV6 = [
    "::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_global_address_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", SPECIAL)
def test_an_address_with_a_special_purpose_is_not(address):
    assert not is_public(address)


@given(st.sampled_from(IPV4).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_special_ipv4_range_is_public_however_it_is_written(address):
    assert not is_public(str(address))
    for prefix in ("::ffff:0:0", "64:ff9b::", "::", "::ffff:0:0:0"):
        assert not is_public(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(address))))


@given(st.sampled_from(IPV6).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_special_ipv6_range_is_public(address):
    assert not is_public(str(address))


@given(st.ip_addresses(v=6))
def test_outside_the_global_range_only_a_translated_public_address_is(address):
    if address not in ipaddress.IPv6Network("2000::/3"):
        translated = address in ipaddress.IPv6Network("64:ff9b::/96") or address.ipv4_mapped
        assert translated or not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_python_s_own_judgement_is_never_stricter(address):
    assert address.is_global or not is_public(str(address))
