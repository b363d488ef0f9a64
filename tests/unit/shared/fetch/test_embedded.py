from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from shared.fetch.embedded import embedded_ipv4


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::127.0.0.1", "127.0.0.1"),
        ("64:ff9b::7f00:1", "127.0.0.1"),
        ("64:ff9b:1:a00:1:200::", "10.0.1.2"),
        ("64:ff9b:1:fffe::a00:1", "10.0.0.1"),
        ("2002:7f00:1::1", "127.0.0.1"),
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", "127.0.0.1"),
        ("2a00:1450::5efe:10.0.0.1", "10.0.0.1"),
        ("2a00:1450::200:5efe:10.0.0.1", "10.0.0.1"),
        ("fe80::5efe:192.168.0.1", "192.168.0.1"),
    ],
)
def test_the_ipv4_address_inside_is_found(address: str, inside: str) -> None:
    assert embedded_ipv4(IPv6Address(address)) == IPv4Address(inside)


@pytest.mark.parametrize("address", ["::", "::1", "2a00:1450::1", "2606:4700::1111", "fd00::a00:1"])
def test_other_addresses_have_none(address: str) -> None:
    assert embedded_ipv4(IPv6Address(address)) is None
