"""Which addresses a download may connect to.

A name is never judged by its looks: it is resolved, every address it has is judged, and the
connection goes to one of the addresses that were judged. So rebinding, odd spellings of loopback
and names that point inside all end at the same check.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["is_loopback", "refusal", "refusal_of_any"]

# `is_global` differs between Python releases and lets these through in some or all of them.
NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; cloud metadata of one vendor
        "168.63.129.16/32",  # a cloud's host agent behind a public-looking address
        "192.0.0.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",
        "240.0.0.0/4",
    )
)
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")  # whatever lies outside is not the public internet
NOT_PUBLIC_V6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20")
)
NAT64 = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = IPv6Network("2002::/16")
ISATAP_MARKS = (0x00005EFE, 0x02005EFE)


def refusal(address: str, *, allow_loopback: bool = False) -> str:
    """Why a download must not connect to this address; empty when it may.

    Args:
        address: An IPv4 or IPv6 address as the resolver gave it, with or without a zone.
        allow_loopback: Accept this machine.
    """
    ip = ip_address(address.partition("%")[0])
    if allow_loopback and is_loopback(address):
        return ""
    if isinstance(ip, IPv4Address):
        return _refusal_v4(ip)
    return _refusal_v6(ip)


def refusal_of_any(
    addresses: Iterable[str], *, allow_loopback: bool = False, only_loopback: bool = False
) -> str:
    """Why a name with these addresses must not be connected to; empty when it may.

    Args:
        addresses: All addresses of the name: one bad address spoils it.
        allow_loopback: Accept this machine.
        only_loopback: Accept nothing but this machine.
    """
    for address in addresses:
        if reason := refusal(address, allow_loopback=allow_loopback):
            return f"{address} is {reason}"
        if only_loopback and not is_loopback(address):
            return f"{address} is not this machine, and only there is http allowed"
    return ""


def is_loopback(address: str) -> bool:
    """Whether the address is this machine, also when wrapped as IPv4-mapped IPv6."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_loopback


def _refusal_v4(ip: IPv4Address) -> str:
    if ip.is_loopback:
        return "this machine"
    if ip.is_multicast:
        return "a multicast address"
    if not ip.is_global or any(ip in network for network in NOT_PUBLIC_V4):
        return "not a public address"
    return ""


def _refusal_v6(ip: IPv6Address) -> str:
    if ip.is_loopback:
        return "this machine"
    if ip.is_multicast:
        return "a multicast address"
    inner = _embedded(ip)
    if inner is not None and (reason := _refusal_v4(inner)):
        return f"{inner} in disguise, {reason}"
    if ip in NAT64 or ip.ipv4_mapped is not None:
        return ""  # the address inside is the one that is reached, and it is public
    if ip not in GLOBAL_UNICAST_V6 or not ip.is_global:
        return "not a public address"
    if any(ip in network for network in NOT_PUBLIC_V6):
        return "not a public address"
    return ""


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a translator or tunnel would take out of this one."""
    number = int(ip)
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in SIX_TO_FOUR:
        return IPv4Address((number >> 80) & 0xFFFFFFFF)
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in NAT64 or number >> 32 == 0 or (number >> 32) & 0xFFFFFFFF in ISATAP_MARKS:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
