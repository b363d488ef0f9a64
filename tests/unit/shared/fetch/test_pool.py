from __future__ import annotations

from ipaddress import ip_address

import pytest

from shared.fetch import pool as pool_module
from shared.fetch.connection import PinnedConnection, dial
from shared.fetch.pool import Pool
from tests.support.origins import Origin


def _connected(origin: Origin) -> PinnedConnection:
    address = ip_address("127.0.0.1")
    return PinnedConnection(("http", "127.0.0.1", address, origin.port), dial(address, origin.port, 1))


def _is_closed(connection: PinnedConnection) -> bool:
    return connection._sock.fileno() < 0


def test_the_connection_used_last_comes_first(origin: Origin) -> None:
    pool = Pool()
    old, new = _connected(origin), _connected(origin)
    pool.put(old)
    pool.put(new)

    assert pool.take([old.key]) is new
    assert pool.take([old.key]) is old
    assert pool.take([old.key]) is None
    old.close()
    new.close()


@pytest.mark.parametrize("place", range(4))
def test_a_connection_serves_its_own_scheme_host_address_and_port_only(origin: Origin, place: int) -> None:
    pool = Pool()
    connection = _connected(origin)
    other = list(connection.key)
    other[place] = ("https", "localhost", ip_address("127.0.0.2"), 1)[place]
    pool.put(connection)

    assert pool.take([tuple(other)]) is None  # type: ignore[list-item]
    pool.close()


def test_the_oldest_is_closed_when_there_are_too_many(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "MAX_IDLE", 2)
    pool = Pool()
    connections = [_connected(origin) for _ in range(3)]
    for connection in connections:
        pool.put(connection)

    assert [_is_closed(connection) for connection in connections] == [True, False, False]
    pool.close()


def test_a_connection_idle_for_long_is_closed(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool()
    old, new = _connected(origin), _connected(origin)
    pool.put(old)
    monkeypatch.setattr(pool_module, "MAX_IDLE_S", 0.0)
    pool.put(new)

    assert _is_closed(old)
    pool.close()


def test_a_connection_idle_for_long_is_not_used_again(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool()
    old = _connected(origin)
    pool.put(old)
    monkeypatch.setattr(pool_module, "MAX_IDLE_S", 0.0)

    assert pool.take([old.key]) is None
    assert _is_closed(old)


def test_a_closed_pool_keeps_nothing(origin: Origin) -> None:
    pool = Pool()
    pool.close()
    connection = _connected(origin)
    pool.put(connection)

    assert _is_closed(connection)
