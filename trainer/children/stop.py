"""Being told to stop: a signal sets a flag that the work looks at between any two pictures or batches."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):
    """Raised in a child process when it was told to stop."""


class StopFlag:
    """Set by SIGTERM. SIGUSR1 asks for less: an end soon, with what there is so far.

    Attributes:
        keep: whether SIGUSR1 came.
    """

    def __init__(self) -> None:
        self.keep = False
        self._set = False
        self._at_once = False

    def listen(self) -> None:
        """Takes the signals from now on. Main thread only."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGUSR1, self._on_keep)

    def check(self) -> None:
        """Raises `Stopped` if SIGTERM came."""
        if self._set:
            raise Stopped

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Lets SIGTERM break into the block, for work that looks at no flag and leaves nothing behind."""
        self.check()
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False
        # Something in the block may have caught the exception.
        self.check()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._set = True
        if self._at_once:
            self._at_once = False
            raise Stopped

    def _on_keep(self, _number: int, _frame: FrameType | None) -> None:
        self.keep = True
