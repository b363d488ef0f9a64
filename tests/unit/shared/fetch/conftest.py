"""A fetcher that may reach loopback, and an origin to reach there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from shared.fetch.connection import dial
from shared.fetch.fetcher import Fetcher
from shared.fetch.ranges import IPAddress
from tests.support.origins import Origin

LOOPBACK = [ip_network("127.0.0.0/8")]
NAMES = {
    "pictures.test": ["127.0.0.1"],
    "private.test": ["10.0.0.1"],
    "mixed.test": ["127.0.0.1", "10.0.0.1"],
    "mixed6.test": ["127.0.0.1", "fc00::1"],
}


@pytest.fixture(autouse=True)
def _quick_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits a little less between attempts."""
    monkeypatch.setattr("shared.fetch.fetcher.BACKOFF_S", (0.01, 0.04))


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def dial_loopback(address: IPAddress, port: int, timeout_s: float) -> socket.socket:
    """Connects to loopback only, so that a test that goes wrong sends nothing out."""
    assert address.is_loopback, f"tried to connect to {address}"
    return dial(address, port, timeout_s)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    """A fetcher with a deadline of one second that knows only `NAMES`."""
    made = Fetcher(allow=LOOPBACK, timeout_s=1, resolver=lambda host: NAMES.get(host, []), dialler=dial_loopback)
    yield made
    made.close()
