"""Where requests may not go."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionkit.web.guard import forbidden

METADATA = "is a cloud's metadata service"
LINK_LOCAL = "is a link-local address"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("169.254.169.254", METADATA),
        ("169.254.170.2", METADATA),
        ("169.254.1.1", LINK_LOCAL),
        ("fe80::1", LINK_LOCAL),
        ("fe80::1%eth0", LINK_LOCAL),
        ("febf::1", LINK_LOCAL),
        ("fd00:ec2::254", METADATA),
        ("fd20:ce::254", METADATA),
        ("168.63.129.16", METADATA),
        ("100.100.100.200", METADATA),
        ("::ffff:169.254.169.254", "(which leads to 169.254.169.254) is a cloud's metadata service"),
        ("::169.254.169.254", METADATA),
        ("::ffff:0:169.254.169.254", METADATA),
        ("64:ff9b::a9fe:a9fe", "leads to 169.254.169.254"),
        ("64:ff9b:1::a9fe:a9fe", METADATA),
        ("64:ff9b:1:a9fe:a9:fe00::", METADATA),
        ("2002:a9fe:a9fe::1", METADATA),
        ("2001:0:a9fe:a9fe::1", METADATA),
        ("2001:db8::5efe:a9fe:0101", LINK_LOCAL),
    ],
)
def test_link_local_and_metadata_addresses_are_forbidden_in_every_disguise(address: str, words: str) -> None:
    assert words in forbidden(address, "innocent.example", ())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.17.0.1", "fd00::1", "0.0.0.0",  # noqa: S104
     "8.8.8.8", "2001:db8::1",
     "::ffff:10.0.0.1", "64:ff9b::8.8.8.8", "2002:0808:0808::1", "100.64.0.1"],
)  # fmt: skip
def test_private_loopback_and_public_addresses_are_fine(address: str) -> None:
    assert forbidden(address, "x.example", ()) == ""


@pytest.mark.parametrize("host", ["metadata.google.internal", "Metadata.Google.Internal.", "metadata.goog"])
def test_known_names_are_forbidden_whatever_they_resolve_to(host: str) -> None:
    assert METADATA in forbidden("10.0.0.1", host, ())
    assert METADATA in forbidden("", host, ())


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "fe80::1"]
)
def test_where_a_proxy_resolves_an_address_is_known_in_every_spelling(host: str) -> None:
    assert forbidden("", host, ())


def test_where_a_proxy_resolves_other_names_are_fine() -> None:
    assert forbidden("", "shop.example", ()) == ""


@pytest.mark.parametrize(
    ("address", "host", "allowed"),
    [
        ("169.254.169.254", "meta.example", "169.254.169.254"),
        ("169.254.169.254", "meta.example", " Meta.Example. "),
        ("10.0.0.1", "metadata.google.internal", "metadata.google.internal"),
        ("169.254.169.254", "metadata.google.internal", "metadata.google.internal"),
        ("fe80::1%eth0", "fe80::1%eth0", "[fe80::1]"),
        ("", "169.254.169.254", "169.254.169.254"),
    ],
)
def test_what_is_allowed_by_name_or_address_is_fine(address: str, host: str, allowed: str) -> None:
    assert forbidden(address, host, ("other.example", allowed)) == ""
    assert forbidden(address, host, ("other.example",))


@given(st.ip_addresses(v=4, network="169.254.0.0/16"))
def test_no_disguise_helps_any_link_local_address(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    for network in ("::ffff:0:0", "64:ff9b::", "::ffff:0:0:0"):
        assert forbidden(str(ipaddress.IPv6Address(int(ipaddress.IPv6Address(network)) + number)), "x", ())
    assert forbidden(str(ipaddress.IPv6Address(0x2002 << 112 | number << 80)), "x", ())
    assert forbidden("", str(number), ())
