"""Turns a host name into its addresses in bounded time."""

from __future__ import annotations

import socket
from concurrent.futures import CancelledError
from ipaddress import ip_address
from threading import Lock
from time import monotonic

from shared.errors import DnsFailed
from shared.fetch.deadline import Deadline
from shared.fetch.lookup import Lookup, LookupThreads, PendingLookup, system_lookup
from shared.fetch.ranges import IPAddress

# A look-up that takes longer will not come; the rest of the deadline is left for another attempt.
LOOKUP_TIMEOUT_S = 5.0
# For how long a look-up may wait for others to end.
MOST_QUEUED_S = 60.0
# An answer serves the pictures of one moment. It is short because names move; the check comes after it, every time.
KEPT_S = 3.0
MAX_KEPT = 1024
# Three times as many as a worker for lists has threads that ask, which are 256: the system asks three silent servers
# for 30 s, and who waited has given up after 10. So look-ups that nobody waits for any more hold up no others.
MAX_THREADS = 768


class NoSuchHost(DnsFailed):
    """Raised when the name servers say that a name has no address: asking again gives the same."""

    transient = False


class Resolver:
    """Resolves names; look-ups of one name at the same time are one look-up."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._threads = LookupThreads(lookup, MAX_THREADS)
        self._lookups: dict[str, tuple[float, PendingLookup]] = {}
        self._lock = Lock()

    def resolve(self, host: str, deadline: Deadline) -> tuple[IPAddress, ...]:
        """Returns every address of `host`, at least one, unchecked.

        Raises:
            DnsFailed: when there are none or the name server does not answer.
            FetchTimeout: when the deadline comes first.
        """
        future = self._lookup(host)
        limit = min(deadline.left(), LOOKUP_TIMEOUT_S)
        try:
            answers = _answers(future, limit, deadline)
        except (TimeoutError, CancelledError):
            future.cancel()
            deadline.left()
            raise DnsFailed(f"The name server did not answer for {host} within {limit:.0f} s.") from None
        except (OSError, UnicodeError) as error:
            raise _failure(host, error) from None
        if not answers:
            raise NoSuchHost(f"The host name {host} has no address. Check its spelling.")
        return tuple(ip_address(answer) for answer in dict.fromkeys(answers))

    def close(self) -> None:
        """Ends the look-up threads."""
        self._threads.close()

    def _lookup(self, host: str) -> PendingLookup:
        now = monotonic()
        with self._lock:
            started, future = self._lookups.get(host, (0.0, None))
            if future and _usable(future, now - started):
                return future
            if len(self._lookups) >= MAX_KEPT:
                self._lookups.clear()
            future = self._threads.submit(host)
            self._lookups[host] = (now, future)
            return future


def _answers(lookup: PendingLookup, limit_s: float, deadline: Deadline) -> list[str]:
    """Waits for a look-up. Its time begins when a thread is free for it, and what it waits before is no name's fault.

    Raises:
        TimeoutError: it took longer than `limit_s`, or did not begin for long.
    """
    asked, forgiven, left = monotonic(), 0.0, limit_s
    while True:
        try:
            return lookup.result(left)
        except TimeoutError:
            waited = monotonic() - asked
            queued = waited if lookup.began is None else max(0.0, lookup.began - asked)
            if lookup.done() or waited - queued >= limit_s or waited >= MOST_QUEUED_S:
                raise
            deadline.forgive(queued - forgiven)
            forgiven, left = queued, limit_s - (waited - queued)


def _usable(future: PendingLookup, age_s: float) -> bool:
    # A look-up under way is joined however old it is, or one stuck name would take all threads.
    if not future.done():
        return True
    return age_s < KEPT_S and not future.cancelled() and future.exception() is None


def _failure(host: str, error: Exception) -> DnsFailed:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return DnsFailed(f"The name server did not answer for {host}. Try again later.")
    return NoSuchHost(f"The host name {host} was not found. Check its spelling.")
