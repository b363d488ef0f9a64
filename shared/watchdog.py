"""Ends a process that can no longer do its work, so that what runs it starts it anew. Its units run again elsewhere.

Work in C that never returns cannot be interrupted from within Python, and memory that is spent cannot be had back.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

log = logging.getLogger(__name__)

EVERY_S = 1.0
# EX_SOFTWARE of <sysexits.h>.
STATUS = 70

# Returns why the process has to end; an empty text if it has not. Called every second.
Check = Callable[[], str]


class Watchdog:
    """Looks every second whether the process can go on.

    Args:
        checks: what is asked each time, besides the sections under way.
    """

    def __init__(self, checks: Sequence[Check] = ()) -> None:
        self._checks = (*checks, self._stuck)
        # For how many more seconds each section under way may go on. Counted, not read from a clock: a second in which
        # the whole process stood still is not the section's.
        self._left: dict[object, tuple[float, str]] = {}

    def start(self) -> None:
        """Looks in a thread of its own until the process ends."""
        threading.Thread(target=self._run, name="watchdog", daemon=True).start()

    @contextmanager
    def within(self, seconds: float, doing: str) -> Iterator[None]:
        """Ends the process if the block takes longer, which only work that never ends does."""
        section = object()
        self._left[section] = (seconds, doing)
        try:
            yield
        finally:
            self._left.pop(section, None)

    def look(self) -> str:
        """Returns why the process has to end now; an empty text if it has not."""
        for check in self._checks:
            try:
                reason = check()
            except Exception:
                log.exception("the watchdog cannot look")
                continue
            if reason:
                return reason
        return ""

    def _stuck(self) -> str:
        for section, (left, doing) in list(self._left.items()):
            if left <= 0:
                return f"{doing} never ends"
            # It may have ended since the list was made.
            if section in self._left:
                self._left[section] = (left - EVERY_S, doing)
        return ""

    def _run(self) -> None:
        while True:
            time.sleep(EVERY_S)
            reason = self.look()
            if reason:
                log.critical("this process ends, to be started anew: %s", reason)
                # No clean-up: what is stuck would hold it up. Leases run out by themselves.
                os._exit(STATUS)
