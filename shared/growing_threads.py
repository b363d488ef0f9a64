"""Threads that are started as there is work for them."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread


class GrowingThreads:
    """Daemon threads that all do the same. Who hands them work counts what is queued or under way.

    Args:
        run: what each of them does.
        name: theirs, before a number.
        most: so many and no more.

    Attributes:
        count: how many were started.
    """

    def __init__(self, run: Callable[[], None], name: str, most: int) -> None:
        self.count = 0
        self._run = run
        self._name = name
        self._most = most

    def reach(self, work: int) -> None:
        """Starts another one if there are fewer than there is work; else one of them is free. Called under a lock.

        Raises:
            RuntimeError: the system has no thread left, and there is none here.
        """
        if self.count >= min(work, self._most):
            return
        try:
            Thread(target=self._run, name=f"{self._name}-{self.count + 1}", daemon=True).start()
        except RuntimeError:
            # Those that there are do the work.
            if not self.count:
                raise
        else:
            self.count += 1
