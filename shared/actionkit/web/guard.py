"""Where no request may go unless it is allowed by name: link-local addresses and the clouds' metadata services.

Private and loopback addresses are what gets deployed to, so they are fine.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Iterator

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.169.254/32",  # AWS, Azure, Google Cloud, Oracle Cloud, DigitalOcean
        "169.254.170.2/32",  # AWS ECS task credentials
        "169.254.170.23/32",  # AWS EKS Pod Identity
        "fd00:ec2::/32",  # AWS over IPv6
        "fd20:ce::254/128",  # Google Cloud over IPv6
        "fd00:42::42/128",  # Scaleway over IPv6
        "fd00:c1::a9fe:a9fe/128",  # Oracle Cloud over IPv6
        "168.63.129.16/32",  # Azure WireServer
        "100.100.100.200/32",  # Alibaba Cloud
        "192.0.0.192/32",  # Oracle Cloud Classic
    )
)
_LINK_LOCAL = (ipaddress.ip_network("169.254.0.0/16"), ipaddress.ip_network("fe80::/10"))
_METADATA_NAMES = frozenset(
    ("metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.tencentyun.com")
)
# IPv6 prefixes whose last 32 bits are an IPv4 address: mapped (RFC 4291), compatible (RFC 4291), translated
# (RFC 7915), NAT64 (RFC 6052) and local-use NAT64 (RFC 8215).
_LAST_32_BITS = tuple(
    ipaddress.IPv6Network(network)
    for network in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)


def forbidden(address: str, host: str, allow_hosts: Iterable[str]) -> str:
    """Why `address` (as resolved; "" where a proxy resolves) or `host` (as written) may not be reached; "" if it may.

    IPv4 addresses hidden in IPv6 ones (mapped, NAT64, 6to4, Teredo, ISATAP) count as what they lead to.
    """
    name = host.rstrip(".").lower()
    allowed = {entry.strip().strip("[]").rstrip(".").lower() for entry in allow_hosts}
    parsed = _parsed(address or name)
    if name in allowed:
        return ""
    if name in _METADATA_NAMES:
        return f"{name} is a cloud's metadata service"
    if parsed is None or str(parsed) in allowed:
        return ""
    for seen in (parsed, *_embedded(parsed)):
        place = str(parsed) if seen is parsed else f"{parsed} (which leads to {seen})"
        if any(seen in network for network in _METADATA):
            return f"{place} is a cloud's metadata service"
        if any(seen in network for network in _LINK_LOCAL):
            return f"{place} is a link-local address, where clouds keep their metadata"
    return ""


def _parsed(text: str) -> _Address | None:
    """Addresses in every spelling a resolver takes: `169.254.43518` and `0xa9fea9fe` are addresses too."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeError, ValueError):
        return None


def _embedded(address: _Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    number = int(address)
    if any(address in network for network in _LAST_32_BITS) or (number >> 32) & 0xFDFFFFFF == 0x5EFE:
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address in _LAST_32_BITS[-1]:  # RFC 6052, 2.2: behind a /48 prefix the address spans bits 48 to 63 and 72 to 87
        yield ipaddress.IPv4Address(((number >> 64) & 0xFFFF) << 16 | (number >> 40) & 0xFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
