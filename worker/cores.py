"""Turns to compute: more threads than cores decode no sooner, they only take Python's lock from each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from shared.jobs.lease import Lease

# How often a picture that waits for a core says so.
LOOK_EVERY_S = 1.0


class Cores:
    """A token for each core.

    A queue of them is what a semaphore is, without the lines of Python in which a semaphore holds up all other threads.
    """

    def __init__(self) -> None:
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            self._free.put(None)

    @contextmanager
    def turn(self, lease: Lease) -> Iterator[None]:
        """Holds a core inside the block. The wait for it, behind pictures whose work is bounded, keeps the lease."""
        while not self._take():
            lease.advance()
        try:
            yield
        finally:
            self._free.put(None)

    def _take(self) -> bool:
        try:
            self._free.get(timeout=LOOK_EVERY_S)
        except Empty:
            return False
        return True
