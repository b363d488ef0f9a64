"""Keeps connections open for the next request to the same address."""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from time import monotonic

from shared.fetch.connection import Key, PinnedConnection

MAX_IDLE = 64
# Hosts commonly close an idle connection after 5 to 60 seconds.
MAX_IDLE_S = 15.0


class Pool:
    """Idle connections, the one used last first. Thread-safe."""

    def __init__(self) -> None:
        self._idle: list[tuple[float, PinnedConnection]] = []
        self._closed = False
        self._lock = Lock()

    def take(self, keys: Iterable[Key]) -> PinnedConnection | None:
        """Returns an idle connection with one of `keys` that the host has not closed, or None."""
        wanted = tuple(keys)
        while (connection := self._pop(wanted)) is not None:
            if connection.is_quiet:
                return connection
            connection.close()
        return None

    def _drop_old(self) -> None:
        """Closes what a host, or a firewall on the way, may have forgotten without a word. Called with the lock."""
        oldest = monotonic() - MAX_IDLE_S
        while self._idle and self._idle[0][0] < oldest:
            self._idle.pop(0)[1].close()

    def put(self, connection: PinnedConnection) -> None:
        """Keeps a connection whose last answer has been read to its end; the oldest idle ones are closed."""
        with self._lock:
            self._idle.append((monotonic(), connection))
            self._drop_old()
            while self._idle and (self._closed or len(self._idle) > MAX_IDLE):
                self._idle.pop(0)[1].close()

    def close(self) -> None:
        """Closes all idle connections, and from now on every one put back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closed = True
        for _, connection in idle:
            connection.close()

    def _pop(self, wanted: tuple[Key, ...]) -> PinnedConnection | None:
        with self._lock:
            self._drop_old()
            for place in range(len(self._idle) - 1, -1, -1):
                # Compared, not hashed: mostly the hosts differ, and the hash of an address costs more.
                if self._idle[place][1].key in wanted:
                    return self._idle.pop(place)[1]
        return None
