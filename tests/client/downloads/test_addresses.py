"""The table of tricks: which addresses a download may connect to."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixazo.downloads.addresses import is_loopback, refusal, refusal_of_any

PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "104.18.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700::6810:84e5",
    "2a00:1450:4001:82a::200e",
    "64:ff9b::5db8:d822",  # a public IPv4 address behind NAT64, the only way on some networks
    "::ffff:93.184.216.34",
]
TRICKS = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1", "::1%lo"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],  # noqa: S104
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1"],
    "link local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "fec0::1"],
    "cloud metadata": [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "broadcast and reserved": ["255.255.255.255", "240.0.0.1"],
    "benchmarks and documents": [
        "198.18.0.1",
        "192.0.2.1",
        "198.51.100.1",
        "203.0.113.1",
        "2001:db8::1",
        "3fff::1",
    ],
    "protocol assignments": ["192.0.0.1", "192.0.0.171", "192.88.99.1", "100::1", "5f00::1"],
    "mapped": ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "compatible": ["::127.0.0.1", "::10.0.0.1", "::8.8.8.8"],
    "translated": ["::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"],
    "NAT64 local use": ["64:ff9b:1::7f00:1", "64:ff9b:1::5db8:d822", "64:ff9b:1:ffff::1"],
    "6to4": ["2002:7f00:1::", "2002:7f00:1::1", "2002:a00:1::", "2002:a9fe:a9fe::"],
    "Teredo": ["2001:0:4136:e378:8000:63bf:80ff:fffe", "2001::1"],
    "ISATAP": ["2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:10.0.0.1"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_lets_public_addresses_through(address):
    """A public address is not refused."""
    assert refusal(address) == ""


@pytest.mark.parametrize(
    "address", [pytest.param(a, id=f"{kind}: {a}") for kind, all_ in TRICKS.items() for a in all_]
)
def test_refuses_tricks(address):
    """No address that is, or becomes on its way, anything but public is let through."""
    assert refusal(address) != ""


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_lets_loopback_through_with_leave(address):
    """With leave, this machine is reached under its own addresses."""
    assert refusal(address, allow_loopback=True) == ""


@pytest.mark.parametrize(
    "address",
    ["64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"],  # noqa: S104
)
def test_leave_for_loopback_opens_nothing_else(address):
    """Leave for this machine is no leave for disguises of it or for its network."""
    assert refusal(address, allow_loopback=True) != ""


def test_one_bad_address_spoils_all():
    """The reason names the bad address among good ones."""
    assert refusal_of_any(["1.1.1.1", "10.0.0.1"]) == "10.0.0.1 is not a public address"
    assert refusal_of_any(["1.1.1.1", "2606:4700::1"]) == ""
    assert "not this machine" in refusal_of_any(["1.1.1.1"], only_loopback=True)


@settings(deadline=None)  # a busy machine is no failure
@given(st.ip_addresses(v=4))
def test_disguises_are_no_better_than_what_they_hide(inner):
    """An IPv4 address that is refused is refused in every IPv6 wrapping too."""
    number = int(inner)
    wrapped = [
        ipaddress.IPv6Address((0x0064FF9B << 96) | number),
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),
        ipaddress.IPv6Address((0x2606470000000000 << 64) | (0x5EFE << 32) | number),
    ]

    for outer in wrapped:
        if refusal(str(inner)):
            assert refusal(str(outer)), outer


@settings(deadline=None)  # a busy machine is no failure
@given(st.ip_addresses())
def test_never_lets_more_through_than_the_standard_library(address):
    """Whatever the standard library calls private, reserved or local is refused."""
    nat64 = address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96")
    mapped = address.version == 6 and address.ipv4_mapped is not None
    if not nat64 and not mapped and (not address.is_global or address.is_multicast):
        assert refusal(str(address))
    assert is_loopback(str(address)) <= bool(refusal(str(address)))
