"""Caps how many connections one host gets at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic

from shared.errors import FetchTimeout
from shared.fetch.deadline import Deadline

# The longest wait for a slot. A chunk of a list at a slow host waits behind its own items for minutes.
MOST_WAIT_S = 600.0
LOOK_EVERY_S = 1.0


@dataclass
class _Host:
    free: int
    # Of those that wait, the first one's is set when a slot is its own.
    waiting: deque[Event] = field(default_factory=deque)


class HostSlots:
    """Hands out at most `per_host` slots a host, to whoever has waited longest. A host nobody uses is forgotten."""

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
        started = monotonic()
        turn = self._enter(name)
        try:
            if turn is not None:
                on_busy(name)
                _wait(turn, name, on_wait, most_s)
                deadline.forgive(monotonic() - started)
            yield
        finally:
            self._leave(name, turn)

    def _enter(self, name: str) -> Event | None:
        """Takes a slot; returns what is set once it is there, None if it is there already."""
        with self._lock:
            host = self._hosts.setdefault(name, _Host(self._per_host))
            if host.free:
                host.free -= 1
                return None
            turn = Event()
            host.waiting.append(turn)
            return turn

    def _leave(self, name: str, turn: Event | None) -> None:
        """Hands a slot on, or stops waiting for one."""
        with self._lock:
            host = self._hosts[name]
            if turn is not None and not turn.is_set():
                host.waiting.remove(turn)
            elif host.waiting:
                host.waiting.popleft().set()
            else:
                host.free += 1
                if host.free == self._per_host:
                    del self._hosts[name]


def _wait(turn: Event, name: str, on_wait: Callable[[], None], most_s: float) -> None:
    started = monotonic()
    while not turn.wait(min(most_s, LOOK_EVERY_S)):
        on_wait()
        if monotonic() - started >= most_s:
            raise FetchTimeout(
                f"{name} was busy with other pictures for {most_s:g} s. Ask for fewer at a time, "
                "or have an operator raise LOUPE_FETCH_PER_HOST."
            )
