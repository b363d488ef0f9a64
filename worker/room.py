"""Bounds how many pictures a process holds that have come and are not prepared yet: each is a file, maybe of 20 MiB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Semaphore

# So many threads may hold a picture; more may wait for hosts that have not answered, which takes next to no memory.
PLACES = 64


class Room:
    """Places for pictures."""

    def __init__(self, places: int = PLACES) -> None:
        self._free = Semaphore(places)

    @contextmanager
    def place(self) -> Iterator[Callable[[], None]]:
        """Yields what waits for a place and takes it, once, and gives it back at the end of the block."""
        taken = False

        def take() -> None:
            nonlocal taken
            if not taken:
                self._free.acquire()
                taken = True

        try:
            yield take
        finally:
            if taken:
                self._free.release()
