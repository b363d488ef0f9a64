"""How far a training is, and how much longer it will take."""

from __future__ import annotations

import time


class Clock:
    """Counts steps and guesses the time left from the pace so far, the first step (the compilation) left out.

    Args:
        total: steps of the whole training.
        done: steps that an earlier attempt did.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.done = done
        self._first = done + 1
        self._started = 0.0

    @property
    def started(self) -> bool:
        """Whether a step was counted here."""
        return self.done >= self._first

    def step(self) -> float | None:
        """Counts one step. Returns the seconds left, None before there is a pace."""
        self.done += 1
        if self.done == self._first:
            self._started = time.monotonic()
            return None
        pace = (time.monotonic() - self._started) / (self.done - self._first)
        return round(pace * (self.total - self.done), 1)

    def skip_to(self, done: int) -> None:
        """Takes steps as done that will not be run, because a phase ended early."""
        self._first += max(0, done - self.done)
        self.done = max(self.done, done)
