"""One deadline for everything a fetch does."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from shared.errors import FetchTimeout


class Deadline:
    """Ends `seconds` after it was made. Shared by all steps, redirects and attempts of one fetch."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Returns the seconds left, always above 0.

        Raises:
            FetchTimeout: when none are left.
        """
        left = self._end - monotonic()
        if left <= 0:
            raise self.passed()
        return left

    def forgive(self, seconds: float) -> None:
        """Puts the end off: the time was spent waiting for ourselves, which is no fault of the host."""
        self._end += seconds

    def sparing(self, wait: Callable[[], None]) -> Callable[[], None]:
        """Returns `wait` so that its time does not count."""

        def waiting() -> None:
            started = monotonic()
            wait()
            self.forgive(monotonic() - started)

        return waiting

    def passed(self) -> FetchTimeout:
        """Returns the error that says that the time is over."""
        return FetchTimeout(
            f"It did not come within {self._seconds:g} s. Check that the host is fast enough, "
            "or have an operator raise LOUPE_FETCH_TIMEOUT_S."
        )
