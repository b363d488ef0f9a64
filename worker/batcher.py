"""The micro-batcher: one thread at a time works on all that has gathered, as much of it at once as one batch takes.

It adds no waiting of its own: while one batch is worked on the next one gathers. What comes alone is worked on by the
thread that brought it, and a thread that comes meanwhile leaves what it brought and goes on with something else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Batcher(Generic[T]):
    """Gathers what threads bring.

    Args:
        work: done with each batch, never by two threads at once.
        most: in a batch.
    """

    def __init__(self, work: Callable[[list[T]], None], most: int) -> None:
        self._work = work
        self._most = most
        self._waiting: list[T] = []
        self._busy = False
        self._lock = Lock()

    def add(self, one: T) -> None:
        """Adds something to the next batch; returns when somebody else is at work, or all is done."""
        with self._lock:
            self._waiting.append(one)
            if self._busy:
                return
            self._busy = True
        while batch := self._next():
            try:
                self._work(batch)
            except BaseException:
                # Whatever it is: the next ones are no part of it, and nobody else would work on them.
                log.exception("a batch of %d failed unexpectedly", len(batch))

    def _next(self) -> list[T]:
        with self._lock:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._busy = bool(batch)
        return batch
