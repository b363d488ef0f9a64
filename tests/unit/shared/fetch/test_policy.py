from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from shared.errors import AddressNotAllowed
from shared.fetch.policy import AddressPolicy

CARRYING_PRIVATE = [
    *["::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1:fffe::a00:1", "2002:a00:1::1"],
    *["2a00:1450::5efe:10.0.0.1", "2a00:1450::200:5efe:10.0.0.1", "2001:0:808:808::f5ff:fffe"],
]


def check(address: str, *allow: str) -> None:
    AddressPolicy([ip_network(text) for text in allow]).check(address, [ip_address(address)])


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.3.7", "224.0.0.1", "::1", "fec0::1", *CARRYING_PRIVATE])
def test_an_address_off_the_public_internet_is_refused(address: str) -> None:
    with pytest.raises(AddressNotAllowed):
        check(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "2a00:1450::5efe:8.8.8.8"])
def test_a_public_address_passes(address: str) -> None:
    check(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1"])
def test_an_allowed_network_holds_for_mapped_addresses_too(address: str) -> None:
    check(address, "10.0.0.0/8")


@pytest.mark.parametrize("address", CARRYING_PRIVATE[1:])
def test_an_allowed_network_does_not_open_tunnels_to_another_of_that_number(address: str) -> None:
    with pytest.raises(AddressNotAllowed):
        check(address, "10.0.0.0/8")


@pytest.mark.parametrize("address", CARRYING_PRIVATE)
def test_a_tunnel_is_open_when_both_ends_are_allowed(address: str) -> None:
    check(address, "10.0.0.0/8", "::/0")


@pytest.mark.parametrize("address", CARRYING_PRIVATE)
def test_allowing_all_of_ipv6_does_not_open_private_ipv4(address: str) -> None:
    with pytest.raises(AddressNotAllowed):
        check(address, "::/0")


def test_an_allowed_translator_reaches_public_addresses_only() -> None:
    check("64:ff9b::808:808", "64:ff9b::/96")
    with pytest.raises(AddressNotAllowed):
        check("64:ff9b::a00:1", "64:ff9b::/96")


def test_loopback_can_be_allowed_by_itself() -> None:
    check("::1", "::1/128")
    with pytest.raises(AddressNotAllowed):
        check("127.0.0.1", "::1/128")


def test_an_address_bound_to_an_interface_is_refused() -> None:
    with pytest.raises(AddressNotAllowed):
        check("fe80::1%lo", "::/0")


def test_one_forbidden_address_refuses_the_host() -> None:
    addresses = [ip_address("1.1.1.1"), ip_address("10.0.0.1")]

    with pytest.raises(AddressNotAllowed, match=r"^The host mixed\.test has an address that is on a private"):
        AddressPolicy().check("mixed.test", addresses)


def test_the_message_says_what_is_wrong_and_what_to_do() -> None:
    with pytest.raises(AddressNotAllowed) as caught:
        check("10.0.3.7")

    assert str(caught.value) == (
        "The address 10.0.3.7 is on a private network. Loupe fetches from the public internet only; "
        "an operator can allow a network with LOUPE_FETCH_ALLOW."
    )
