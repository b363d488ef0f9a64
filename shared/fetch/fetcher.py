"""The one way out: every request Loupe sends to others goes through here."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import sleep
from typing import NamedTuple

from shared.errors import HttpStatus, ItemError, TooManyRedirects
from shared.fetch.body import decoded, too_large
from shared.fetch.connection import Dial, dial
from shared.fetch.deadline import Deadline
from shared.fetch.exchange import Answer, Exchange
from shared.fetch.lookup import Lookup, system_lookup
from shared.fetch.ranges import IPNetwork
from shared.fetch.slots import MOST_WAIT_S, HostSlots
from shared.fetch.status import status_text
from shared.fetch.target import Target, parse_url
from shared.fetch.way import Way

MAX_REDIRECTS = 5
# The waits before the second and the third attempt after an error that may pass.
BACKOFF_S = (0.1, 0.4)

Call = Callable[[], None]


class Calls(NamedTuple):
    """Whom a fetch calls: while bytes come, while a connection is waited for, before that with the host's name, and
    before a body is read."""

    on_progress: Call
    on_wait: Call
    on_busy: Callable[[str], None]
    on_answer: Call


class BusyHost(HttpStatus):
    """Raised for 429 and 5xx: the host may answer better in a moment."""

    transient = True


@dataclass(frozen=True)
class Fetched:
    """A body, the URL it came from in the end (without credentials), and the host's Content-Type."""

    data: bytes
    url: str
    content_type: str


class Fetcher:
    """Fetches URLs that strangers give. Thread-safe; one per process.

    Args:
        allow: networks that may be reached besides the public internet.
        timeout_s: the deadline of one whole fetch: look-up, connections, redirects, attempts and body.
        per_host: connections to one host at a time.
        resolver: looks a host name up, blocking; returns addresses as text or raises `socket.gaierror`;
            the system's by default.
        dialler: opens a TCP connection to a checked address.
        tls: verifies certificates; the system's authorities by default.
    """

    def __init__(
        self,
        *,
        allow: Sequence[IPNetwork] = (),
        timeout_s: float = 10,
        per_host: int = 8,
        resolver: Lookup | None = None,
        dialler: Dial = dial,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._way = Way(allow, resolver or system_lookup)
        self._timeout_s = timeout_s
        self._slots = HostSlots(per_host)
        self._exchange = Exchange(dialler, tls)

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        on_progress: Call = lambda: None,
        on_wait: Call = lambda: None,
        on_busy: Callable[[str], None] = lambda _: None,
        on_answer: Call = lambda: None,
    ) -> Fetched:
        """Fetches a URL, following redirects and trying again after errors that may pass.

        Args:
            url: any string.
            max_bytes: the most bytes taken, on the wire and decompressed.
            on_progress: called before a request, as bytes arrive, and twice a second while none do; what it raises ends
                the fetch.
            on_wait: called each second of a wait for a connection that the cap per host allows, which does not count
                against the deadline; what it raises ends the fetch.
            on_busy: called before such a wait with the host and port, which may be those of a redirect; what it raises
                ends the fetch.
            on_answer: called before a body is read that is no redirect's; may wait, for which nobody is blamed.

        Raises:
            ItemError: a subclass that says what is wrong with the URL, the host or the answer.
        """
        target = parse_url(url)
        deadline, calls = Deadline(self._timeout_s), Calls(on_progress, on_wait, on_busy, on_answer)
        for wait_s in BACKOFF_S:
            try:
                return self._follow(target, max_bytes, deadline, calls)
            except ItemError as error:
                if not error.transient or deadline.left() <= wait_s:
                    raise
            sleep(wait_s)
        return self._follow(target, max_bytes, deadline, calls)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Sends a body once: redirects are not followed, and nothing is tried again.

        Returns:
            The status of the answer, whatever it is.

        Raises:
            ItemError: a subclass that says what is wrong with the URL or the host.
        """
        target = parse_url(url)
        deadline = Deadline(self._timeout_s)
        addresses = self._way.to(target, deadline)
        with self._slots.hold(target.authority, deadline):
            return self._exchange.post(target, addresses, body, headers, deadline)

    @property
    def patience_s(self) -> float:
        """How long a fetch is given that waits for its turn once; one led to another busy host takes longer."""
        return self._timeout_s + MOST_WAIT_S

    def close(self) -> None:
        """Closes kept connections and ends the look-up threads."""
        self._exchange.close()
        self._way.close()

    def _follow(self, target: Target, max_bytes: int, deadline: Deadline, calls: Calls) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._ask(target, max_bytes, deadline, calls)
            if answer.location is None:
                return _judged(target, answer, max_bytes)
            target = target.join(_as_text(answer.location))
        raise TooManyRedirects(f"More than {MAX_REDIRECTS} redirects. The last one led to {target.authority}.")

    def _ask(self, target: Target, max_bytes: int, deadline: Deadline, calls: Calls) -> Answer:
        addresses = self._way.to(target, deadline)
        with self._slots.hold(target.authority, deadline, calls.on_wait, on_busy=calls.on_busy):
            calls.on_progress()
            return self._exchange.get(
                target, addresses, max_bytes, deadline, calls.on_progress, deadline.sparing(calls.on_answer)
            )


def _judged(target: Target, answer: Answer, max_bytes: int) -> Fetched:
    if not 200 <= answer.status < 300:
        raise _status_error(target, answer.status)
    if not answer.complete:
        raise too_large(max_bytes)
    data = decoded(answer.body, answer.encoding, max_bytes)
    return Fetched(data=data, url=target.url, content_type=answer.content_type)


def _status_error(target: Target, status: int) -> HttpStatus:
    message = f"{target.authority} answered {status_text(status)}. Open the address in a browser to check it."
    return BusyHost(message) if status == 429 or status >= 500 else HttpStatus(message)


def _as_text(location: str) -> str:
    # http.client reads headers as Latin-1, while hosts that do not encode their redirects send UTF-8.
    try:
        return location.encode("latin-1").decode()
    except UnicodeError:
        return location
