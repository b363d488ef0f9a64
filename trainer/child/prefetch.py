"""Makes things in a thread before they are asked for. NumPy and OpenCV leave Python's lock while they compute."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

# How many are made ahead: enough to bridge a slow one, few enough to hold in memory.
DEPTH = 4
# How often a thread that waits for room looks whether it is still needed.
LOOK_EVERY_S = 0.1


@dataclass(frozen=True)
class _Ended:
    """The last in the queue; `error` is what the making raised."""

    error: BaseException | None = None


def prefetched(things: Iterator[T]) -> Generator[T]:
    """Yields the same things in the same order. What making them raises is raised here.

    Closing the iterator ends the thread.
    """
    return _Prefetch(things).run()


class _Prefetch(Generic[T]):
    def __init__(self, things: Iterator[T]) -> None:
        self._things = things
        self._queue: queue.Queue[T | _Ended] = queue.Queue(DEPTH)
        self._closed = threading.Event()

    def run(self) -> Generator[T]:
        thread = threading.Thread(target=self._make, name="prefetch", daemon=True)
        thread.start()
        try:
            while not isinstance(thing := self._queue.get(), _Ended):
                yield thing
            if thing.error is not None:
                raise thing.error
        finally:
            self._closed.set()
            thread.join()

    def _make(self) -> None:
        try:
            for thing in self._things:
                if not self._put(thing):
                    return
            self._put(_Ended())
        except BaseException as error:  # noqa: BLE001 - it is raised again where the things are used.
            self._put(_Ended(error))

    def _put(self, thing: T | _Ended) -> bool:
        """Returns whether it was taken; False once nobody wants any more."""
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._queue.put(thing, timeout=LOOK_EVERY_S)
                return True
        return False
