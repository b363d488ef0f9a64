"""Turns a host name into its addresses in bounded time."""

from __future__ import annotations

import socket
from concurrent.futures import CancelledError, Future
from ipaddress import ip_address
from threading import Lock
from time import monotonic

from shared.errors import DnsFailed
from shared.fetch.deadline import Deadline
from shared.fetch.lookup import Lookup, LookupThreads, system_lookup
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
        self._lookups: dict[str, tuple[float, Future[list[str]]]] = {}
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

    def _lookup(self, host: str) -> Future[list[str]]:
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


def _answers(future: Future[list[str]], limit_s: float, deadline: Deadline) -> list[str]:
    """Waits for a look-up. Its time begins when a thread is free for it, and what it waits before is no name's fault.

    Raises:
        TimeoutError: it took longer than `limit_s`, or did not begin for long.
    """
    give_up = monotonic() + MOST_QUEUED_S
    while True:
        queued = not future.running() and not future.done()
        try:
            return future.result(limit_s)
        except TimeoutError:
            if not queued or monotonic() >= give_up:
                raise
            deadline.forgive(limit_s)


def _usable(future: Future[list[str]], age_s: float) -> bool:
    # A look-up under way is joined however old it is, or one stuck name would take all threads.
    if not future.done():
        return True
    return age_s < KEPT_S and not future.cancelled() and future.exception() is None


def _failure(host: str, error: Exception) -> DnsFailed:
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return DnsFailed(f"The name server did not answer for {host}. Try again later.")
    return NoSuchHost(f"The host name {host} was not found. Check its spelling.")
