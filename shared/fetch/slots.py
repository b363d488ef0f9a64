"""Caps how many connections one host gets at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Semaphore

from shared.fetch.deadline import Deadline


@dataclass
class _Host:
    free: Semaphore
    users: int = 0


class HostSlots:
    """Hands out at most `per_host` slots a host. A host nobody uses or waits for is forgotten."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._hosts: dict[str, _Host] = {}
        self._lock = Lock()

    @contextmanager
    def hold(self, name: str, deadline: Deadline) -> Iterator[None]:
        """Waits for a slot and holds it for the block.

        Raises:
            FetchTimeout: if none gets free before the deadline.
        """
        host = self._enter(name)
        try:
            if not host.free.acquire(timeout=deadline.left()):
                raise deadline.passed()
            try:
                yield
            finally:
                host.free.release()
        finally:
            self._leave(name, host)

    def _enter(self, name: str) -> _Host:
        with self._lock:
            host = self._hosts.setdefault(name, _Host(Semaphore(self._per_host)))
            host.users += 1
            return host

    def _leave(self, name: str, host: _Host) -> None:
        with self._lock:
            host.users -= 1
            if not host.users:
                del self._hosts[name]
