"""Lets a process's units run side by side, few of them at a time, or one of them alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY_S = 1.0
# So many units that were lost once run beside each other, not counting those that have taken long. What is lost with
# them again is run alone, one after the other: of 64 pictures that takes half a minute, of eight two seconds.
FEW, LONG_S = 8, 1.0


class Gate:
    """What every unit goes through. One that may kill the process waits until it is the only one inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._alone = False

    @property
    def open(self) -> bool:
        """Whether nobody is alone, or about to be."""
        return not self._alone

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Holds a place; waits while somebody is alone, or is about to be."""
        self.enter(1)
        try:
            yield
        finally:
            self.leave()

    def enter(self, count: int, *, patient: bool = True) -> bool:
        """Takes so many places, each for `leave` to give back, and returns whether it did.

        Args:
            patient: waits while somebody is alone, or is about to be; else it takes none then.
        """
        with self._changed:
            if patient:
                self._changed.wait_for(lambda: not self._alone)
            if not self._alone:
                self._inside += count
            return not self._alone

    def leave(self) -> None:
        """Gives a place back."""
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    @contextmanager
    def alone(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Waits for the others to leave, and lets nobody in meanwhile. Not for one who is inside.

        Args:
            on_wait: called each second of the wait, and may ask Redis; what it raises ends it.
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
        # Whoever leaves meanwhile is not to wait for it.
        self._changed.release()
        try:
            on_wait()
        finally:
            self._changed.acquire()


class Turnstile:
    """Lets few be under way at a time, however many come at once; one that takes long makes way for the next."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        # When each of those under way began.
        self._began: dict[object, float] = {}

    @contextmanager
    def turn(self, on_wait: Callable[[], None]) -> Iterator[None]:
        """Waits for a turn and holds it for the block.

        Args:
            on_wait: called at least once a second while it waits; what it raises ends the wait.
        """
        this = object()
        with self._changed:
            while (wait_s := self._wait_s()) > 0:
                self._changed.wait(wait_s)
                on_wait()
            self._began[this] = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                del self._began[this]
                self._changed.notify()

    def _wait_s(self) -> float:
        """Returns how long to wait at most before looking again; 0 or less when there is room."""
        lately = sorted(self._began.values())[-FEW:]
        return lately[0] + LONG_S - time.monotonic() if len(lately) == FEW else 0
