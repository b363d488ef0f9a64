"""Lets few requests begin at a time, so that thousands that come at once do not all come too late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import gevent
from gevent.lock import Semaphore

from shared.errors import Overloaded

# A request makes room for the next one after so many rounds of the event loop, each of so many seconds at least.
# Rounds are counted because in a busy process they are long: what a request waits for has come and was not looked at.
ROUNDS, ROUND_S = 6, 0.01


class Place:
    """What one request holds until it ends or waits."""

    def __init__(self, free: Semaphore) -> None:
        self._free = free
        self._rounds = 0
        self._timer = gevent.get_hub().loop.timer(ROUND_S, ROUND_S)
        self._timer.start(self._round)

    def leave(self) -> None:
        """Makes room for the next request; once, however often it is called."""
        if self._timer.active:
            self._timer.stop()
            self._free.release()

    def close(self) -> None:
        """Makes room for good."""
        self.leave()
        self._timer.close()

    def _round(self) -> None:
        self._rounds += 1
        if self._rounds == ROUNDS:
            self.leave()


_place: ContextVar[Place] = ContextVar("place")


class Admission:
    """The places that requests begin in.

    Without them a thousand requests that come in the same moment are all begun before the first one sees its answer of
    Redis, and by then each has spent its time for Redis. A request holds its place for a moment only: it may also wait,
    for its client or for a job, and is then in nobody's way.

    Args:
        places: how many there are.
        patience_s: how long a request waits for one.
    """

    def __init__(self, places: int, patience_s: float) -> None:
        self._free = Semaphore(places)
        self._patience_s = patience_s

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Begins the block in a place.

        Raises:
            Overloaded: none was free in time.
        """
        if not self._free.acquire(timeout=self._patience_s) and not self._free_after_a_round():
            raise Overloaded(f"Too many came before this request: it was not begun within {self._patience_s:.0f} s.")
        place = Place(self._free)
        _place.set(place)
        try:
            yield
        finally:
            place.close()

    def _free_after_a_round(self) -> bool:
        """Takes a place that is free by now: after a standstill a time is up before anything that came is looked at."""
        gevent.sleep(ROUND_S)
        return bool(self._free.acquire(blocking=False))


def step_aside() -> None:
    """Makes room for the next request, because this one will wait for long; nothing where none are admitted."""
    place = _place.get(None)
    if place:
        place.leave()
