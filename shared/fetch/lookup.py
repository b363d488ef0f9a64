"""Runs blocking name look-ups on a few threads, so that a stuck one holds up nobody."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock
from time import monotonic

from shared.growing_threads import GrowingThreads

Lookup = Callable[[str], Iterable[str]]


def system_lookup(host: str) -> list[str]:
    """Asks the system's resolver for all addresses of a host name. Blocks for as long as that takes.

    Raises:
        socket.gaierror: when there are none.
    """
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in answers]


class PendingLookup(Future[list[str]]):
    """The addresses of a host name, once they are known.

    Attributes:
        began: when a thread began to look it up, in seconds of `monotonic`; None while it is queued.
    """

    began: float | None = None


class LookupThreads:
    """At most `limit` daemon threads, started as needed.

    Not a ThreadPoolExecutor: that one waits for its threads when the process ends, and a look-up can take minutes.
    """

    def __init__(self, lookup: Lookup, limit: int) -> None:
        self._lookup = lookup
        self._work: SimpleQueue[tuple[PendingLookup, str] | None] = SimpleQueue()
        self._threads = GrowingThreads(self._run, "lookup", limit)
        # Look-ups that are queued or under way.
        self._open = 0
        self._lock = Lock()

    def submit(self, host: str) -> PendingLookup:
        """Starts a look-up, or queues it while all threads are busy. Cancel it once nobody waits any more.

        Raises:
            RuntimeError: the system has no thread left, and there is none here.
        """
        future = PendingLookup()
        with self._lock:
            self._threads.reach(self._open + 1)
            self._open += 1
        self._work.put((future, host))
        return future

    def close(self) -> None:
        """Ends the threads, each after the look-up it is in."""
        with self._lock:
            for _ in range(self._threads.count):
                self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            future, host = item
            if future.set_running_or_notify_cancel():
                future.began = monotonic()
                self._answer(future, host)
            with self._lock:
                self._open -= 1

    def _answer(self, future: PendingLookup, host: str) -> None:
        try:
            future.set_result(list(self._lookup(host)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to the one who waits.
            future.set_exception(error)
