"""Lets a process's units run side by side, or one of them alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_EVERY_S = 1.0


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
