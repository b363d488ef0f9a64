"""Threads for the items of all chunks. An item whose host is busy waits in that host's line, not in a thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Lock

from shared.growing_threads import GrowingThreads

log = logging.getLogger(__name__)

Work = Callable[[], None]

# A host that is slow to look up, or that does not answer, holds a thread until its deadline; many such names are to
# leave some for others. What a thread may hold of a picture meanwhile is bounded elsewhere (`worker/room.py`).
MOST_THREADS = 256


class Elsewhere(Exception):
    """Raised in work that turns out to be another host's, which is busy: it begins anew when its turn comes there."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


@dataclass
class _Line:
    running: int = 0
    waiting: deque[Work] = field(default_factory=deque)


class HostPool:
    """Runs work for many hosts at once, so that a slow one holds up nobody else.

    Args:
        threads: the most that run at a time, started as needed.
        per_host: the most that run for one host.
    """

    def __init__(self, threads: int, per_host: int) -> None:
        self._per_host = per_host
        self._lines: dict[str, _Line] = {}
        self._runnable: SimpleQueue[tuple[str, Work]] = SimpleQueue()
        self._threads = GrowingThreads(self._run, "item", threads)
        # Runs that are queued or under way.
        self._open = 0
        self._lock = Lock()

    def submit(self, host: str, work: Work) -> None:
        """Runs `work` once its turn for `host` comes; the works of one host begin in the order they were given.

        Work that raises `Elsewhere` gives its thread back and is run again in the line of the host that it names. So
        many hosts that redirect to a slow one do not take all threads to wait for it.

        Raises:
            RuntimeError: the system has no thread left, and there is none here.
        """
        with self._lock:
            line = self._lines.get(host) or _Line()
            if line.running == self._per_host:
                line.waiting.append(work)
                return
            self._threads.reach(self._open + 1)
            self._lines[host] = line
            line.running += 1
            self._open += 1
        self._runnable.put((host, work))

    def _run(self) -> None:
        while True:
            host, work = self._runnable.get()
            try:
                work()
            except Elsewhere as busy:
                self.submit(busy.host, work)
            except Exception:
                log.exception("work for a host failed unexpectedly")
            self._go_on(host)

    def _go_on(self, host: str) -> None:
        with self._lock:
            line = self._lines[host]
            if not line.waiting:
                line.running -= 1
                self._open -= 1
                if not line.running:
                    del self._lines[host]
                return
            work = line.waiting.popleft()
        # Behind what other hosts have runnable: a long line does not keep a thread to itself.
        self._runnable.put((host, work))
