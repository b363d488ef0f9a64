"""How many pixels a process decodes at a time: what bounds its memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# 64 million plain pixels hold 384 MB while they are decoded.
DEFAULT_LIMIT = 64_000_000


class PixelBudget:
    """Lets threads decode while the pixels in flight stay within a limit; whoever comes first is served first.

    Args:
        limit: most pixels in flight. A larger picture waits until it is alone.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        if limit < 1:
            raise ValueError(f"A pixel budget must be at least 1, received {limit}.")
        self._limit = limit
        self._used = 0
        self._next_ticket = 0
        self._serving = 0
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, pixels: int) -> Iterator[None]:
        """Holds a share of the budget; waits until there is room.

        Args:
            pixels: what decoding takes, `Header.cost`.
        """
        share = min(max(pixels, 0), self._limit)
        with self._changed:
            ticket = self._next_ticket
            self._next_ticket += 1
            # In order of arrival, or a large picture would wait for ever while small ones pass.
            self._changed.wait_for(lambda: self._serving == ticket and self._used + share <= self._limit)
            self._serving += 1
            self._used += share
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._used -= share
                self._changed.notify_all()
