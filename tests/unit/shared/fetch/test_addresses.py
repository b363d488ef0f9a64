"""No spelling, name or redirect leads to a forbidden address: no connection is even tried."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from shared.errors import AddressNotAllowed, InvalidUrl
from shared.fetch.connection import dial
from shared.fetch.fetcher import Fetcher
from shared.fetch.ranges import IPAddress, special_range
from tests.support.origins import Origin, redirect, serve

FORBIDDEN = [
    *["127.0.0.1", "0.0.0.0", "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.9", "192.0.2.1"],
    *["192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1"],
    *["255.255.255.255", "::1", "::", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"],
    *["2002:7f00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2a00:1450::5efe:7f00:1", "100::1", "2001:db8::1"],
    *["3fff::1", "5f00::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "4000::1"],
]
SPELLINGS = [
    *["2130706433", "0x7f000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "127.0.0.1."],
    *["127.0.0.1..", "１２７.０.０.１", "127。0。0。1", "%31%32%37.0.0.1", "127.0.0.1%00.example.com", "0", "0.0"],
    *["[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[::1%lo]", "[fe80::1%25eth0]", "me:pw@127.0.0.1"],
    *["example.com@127.0.0.1", "example.com\\@127.0.0.1", "127.0.0.1\x00", "①②⑦.0.0.1", "[::ⓕⓕⓕⓕ:7f00:1]"],
]


def _never(address: IPAddress, port: int, timeout_s: float) -> socket.socket:
    raise AssertionError(f"tried to connect to {address}")


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.fixture
def names() -> dict[str, list[str]]:
    """The names `strict` knows."""
    return {}


@pytest.fixture
def strict(names: dict[str, list[str]]) -> Iterator[Fetcher]:
    """A fetcher that allows nothing and fails the test if it tries to connect."""
    made = Fetcher(timeout_s=1, resolver=lambda host: names[host], dialler=_never)
    yield made
    made.close()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_refused_as_a_literal(strict: Fetcher, address: str) -> None:
    with pytest.raises(AddressNotAllowed):
        strict.get(f"http://{_host(address)}/", max_bytes=1)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_refused_by_name(strict: Fetcher, names: dict[str, list[str]], address: str) -> None:
    names |= {"only.test": [address], "last.test": ["1.1.1.1", address], "first.test": [address, "1.1.1.1"]}

    for name in names:
        with pytest.raises(AddressNotAllowed):
            strict.get(f"https://{name}/", max_bytes=1)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_forbidden_address_is_refused_in_every_spelling(strict: Fetcher, spelling: str) -> None:
    for rest in ("/", ":80/a", "", "?q", "#f", ":443"):
        with pytest.raises((AddressNotAllowed, InvalidUrl)):
            strict.get(f"http://{spelling}{rest}", max_bytes=1)


@pytest.mark.parametrize("location", [f"http://{_host(address)}/" for address in FORBIDDEN[1:]])
def test_a_forbidden_address_is_refused_behind_redirects(origin: Origin, fetcher: Fetcher, location: str) -> None:
    origin.on("/a", redirect("/b"))
    origin.on("/b", redirect(location))

    with pytest.raises(AddressNotAllowed):
        fetcher.get(origin.url("/a"), max_bytes=1)


@pytest.mark.parametrize("host", ["private.test", "mixed.test", "mixed6.test"])
def test_a_forbidden_name_is_refused_behind_a_redirect(origin: Origin, fetcher: Fetcher, host: str) -> None:
    origin.on("/a", redirect(f"//{host}:{origin.port}/b"))

    with pytest.raises(AddressNotAllowed):
        fetcher.get(origin.url("/a"), max_bytes=1)
    assert origin.hits() == {"/a": 1}


def test_a_name_that_changes_its_address_is_never_followed_to_a_forbidden_one(origin: Origin) -> None:
    flips = random.Random(1)
    dialled: list[IPAddress] = []

    def resolver(host: str) -> list[str]:
        return [flips.choice(["1.1.1.1", "127.0.0.1"])]

    def to_origin(address: IPAddress, port: int, timeout_s: float) -> socket.socket:
        dialled.append(address)
        return dial(ip_address("127.0.0.1"), origin.port, timeout_s)

    origin.on("/a", serve(b"ok"))
    fetcher = Fetcher(timeout_s=5, resolver=resolver, dialler=to_origin)
    verdicts: set[bytes | None] = set()
    for number in range(200):
        try:
            verdicts.add(fetcher.get(f"http://{number % 50}.rebind.test/a", max_bytes=10).data)
        except AddressNotAllowed:
            verdicts.add(None)
    fetcher.close()

    assert verdicts == {b"ok", None}
    assert {str(address) for address in dialled} == {"1.1.1.1"}


def _public_addresses(count: int) -> list[str]:
    rng = random.Random(7)
    drawn: list[IPAddress] = [IPv4Address(rng.getrandbits(32)) for _ in range(count // 2)]
    drawn += [IPv6Address(0x2 << 124 | rng.getrandbits(124)) for _ in range(count)]
    return [str(address) for address in drawn if special_range(address) is None][:count]


def test_a_hundred_public_addresses_are_reached_by_name_and_as_literals(origin: Origin) -> None:
    dialled: list[str] = []

    def to_origin(address: IPAddress, port: int, timeout_s: float) -> socket.socket:
        dialled.append(str(address))
        return dial(ip_address("127.0.0.1"), origin.port, timeout_s)

    addresses = _public_addresses(100)
    assert len(addresses) == 100
    names = {f"h{number}.test": [address] for number, address in enumerate(addresses)}
    fetcher = Fetcher(timeout_s=5, resolver=lambda host: names[host], dialler=to_origin)
    origin.on("/a", serve(b"ok"))
    for name, (address,) in names.items():
        assert fetcher.get(f"http://{_host(address)}/a", max_bytes=10).data == b"ok"
        assert fetcher.get(f"http://{name}/a", max_bytes=10).data == b"ok"
    fetcher.close()

    assert dialled == [address for address in addresses for _ in range(2)]
