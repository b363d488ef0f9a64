"""Caps how many connections one host gets at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Semaphore
from time import monotonic

from shared.errors import FetchTimeout
from shared.fetch.deadline import Deadline

# The longest wait for a slot. A chunk of a list at a slow host waits behind its own items for minutes.
MOST_WAIT_S = 600.0
LOOK_EVERY_S = 1.0


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
    def hold(
        self,
        name: str,
        deadline: Deadline,
        on_wait: Callable[[], None] = lambda: None,
        most_s: float = MOST_WAIT_S,
        on_busy: Callable[[str], None] = lambda _: None,
    ) -> Iterator[None]:
        """Waits for a slot and holds it for the block. The wait does not count against the deadline.

        Args:
            on_wait: called each second of the wait; what it raises ends it.
            most_s: after so long a wait it gives up.
            on_busy: called with the name before a wait; what it raises ends it.

        Raises:
            FetchTimeout: if none gets free in time.
        """
        host = self._enter(name)
        try:
            started = monotonic()
            if not host.free.acquire(blocking=False):
                on_busy(name)
                _wait(host, name, on_wait, most_s)
            try:
                deadline.forgive(monotonic() - started)
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


def _wait(host: _Host, name: str, on_wait: Callable[[], None], most_s: float) -> None:
    started = monotonic()
    while not host.free.acquire(timeout=min(most_s, LOOK_EVERY_S)):
        on_wait()
        if monotonic() - started >= most_s:
            raise FetchTimeout(
                f"{name} was busy with other pictures for {most_s:g} s. Ask for fewer at a time, "
                "or have an operator raise LOUPE_FETCH_PER_HOST."
            )
