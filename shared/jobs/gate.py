"""Lets a process's units run side by side, few of them begin at a time, or one of them alone."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY_S = 1.0
# So many units that were lost once begin in this time. What is lost with them again is run alone, one after the other:
# of 64 pictures that takes half a minute, of eight two seconds.
FEW, FEW_IN_S = 8, 0.25


class Gate:
    """What every unit goes through. One that may kill the process waits until it is the only one inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Holds a place; waits while somebody is alone, or is about to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Waits for the others to leave, and lets nobody in meanwhile. Not for one who is inside.

        Args:
            on_wait: called each second of the wait; what it raises ends it.
        """
        with self._changed:
            while self._alone:
                self._wait(on_wait)
            self._alone = True
        try:
            with self._changed:
                while self._inside:
                    self._wait(on_wait)
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()

    def _wait(self, on_wait: Callable[[], None]) -> None:
        self._changed.wait(LOOK_EVERY_S)
        on_wait()


class Turnstile:
    """Lets few pass at a time, however many come at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passed: deque[float] = deque(maxlen=FEW)

    def pass_through(self, on_wait: Callable[[], None]) -> None:
        """Returns when it is this one's turn.

        Args:
            on_wait: called at least twice a second while it waits; what it raises ends the wait.
        """
        while (wait_s := self._wait_s()) > 0:
            time.sleep(wait_s)
            on_wait()

    def _wait_s(self) -> float:
        """Returns 0 and takes note of who passes, or how long to wait."""
        with self._lock:
            now = time.monotonic()
            if len(self._passed) == FEW and (left := self._passed[0] + FEW_IN_S - now) > 0:
                return left
            self._passed.append(now)
            return 0
