"""One request to one URL and its whole answer, over a kept connection or a new one."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

from shared.errors import ConnectFailed
from shared.fetch.connection import Dial, PinnedConnection, dial
from shared.fetch.deadline import Deadline
from shared.fetch.failures import network_error
from shared.fetch.pool import Pool
from shared.fetch.ranges import IPAddress
from shared.fetch.reply import Reply
from shared.fetch.target import Target

USER_AGENT = "Loupe/0.1 (+image fetcher)"
# All addresses of a name are checked; so many are tried.
MAX_ADDRESSES = 4
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Of a redirect's own page no more is read, just enough to use the connection again.
MAX_REDIRECT_BODY = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What a host answered. `complete` says whether `body`, still encoded, is all of it."""

    status: int
    location: str | None
    content_type: str
    encoding: str
    body: bytes
    complete: bool


class Exchange:
    """Asks hosts. Thread-safe; keeps connections open between requests."""

    def __init__(self, dial_to: Dial = dial, tls: ssl.SSLContext | None = None) -> None:
        self._dial = dial_to
        self._given_tls = tls
        self._pool = Pool()

    def get(
        self,
        target: Target,
        addresses: Sequence[IPAddress],
        max_bytes: int,
        deadline: Deadline,
        on_progress: Callable[[], None],
        on_answer: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Sends one GET and reads the answer to its end or to `max_bytes`, whatever its status.

        Args:
            target: what to ask for.
            addresses: the checked addresses of its host, tried in this order.
            max_bytes: where reading the body stops.
            deadline: of the whole.
            on_progress: called as bytes arrive, and twice a second while none do; may raise to stop.
            on_answer: called before the body is read, unless it is a redirect's.

        Raises:
            ConnectFailed: when no connection can be made, it breaks, or the answer is no HTTP.
            TlsFailed: when the secure connection fails.
            FetchTimeout: at the deadline.
        """
        connection, reply = self._ask(target, addresses, deadline, on_progress)
        keep = False
        try:
            answer = _read(reply, max_bytes, on_progress, on_answer)
            keep = answer.complete and reply.reusable
        except OSError as error:
            raise network_error(target, error, deadline) from None
        else:
            return answer
        finally:
            if keep:
                self._pool.put(connection)
            else:
                connection.close()

    def post(
        self,
        target: Target,
        addresses: Sequence[IPAddress],
        body: bytes,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> int:
        """Sends one POST over a connection of its own and returns the status; what else is answered is not read.

        A kept connection may break after the host has read what it was sent, and nobody could tell.

        Raises:
            ConnectFailed, TlsFailed, FetchTimeout: as for `get`.
        """
        own = {**_headers(target), "Content-Length": str(len(body)), "Connection": "close", **headers}
        try:
            connection = self._connect(target, addresses[:MAX_ADDRESSES], deadline)
            with closing(connection):
                reply = connection.ask(target.path, own, deadline, body)
                reply.read_head(lambda: None)
        except OSError as error:
            raise network_error(target, error, deadline) from None
        return reply.status

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made once, when first needed: reading the system's authorities takes tens of milliseconds.
        context = self._given_tls or ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        return context

    def close(self) -> None:
        """Closes all kept connections."""
        self._pool.close()

    def _ask(
        self, target: Target, addresses: Sequence[IPAddress], deadline: Deadline, on_progress: Callable[[], None]
    ) -> tuple[PinnedConnection, Reply]:
        keys = [(target.scheme, target.host, address, target.port) for address in addresses]
        kept = self._pool.take(keys)
        if kept:
            try:
                return _head(kept, target, deadline, on_progress)
            except OSError:
                # The host may close a kept connection at any moment: a new one shows what it really says.
                deadline.left()
        try:
            connection = self._connect(target, addresses[:MAX_ADDRESSES], deadline)
            return _head(connection, target, deadline, on_progress)
        except OSError as error:
            raise network_error(target, error, deadline) from None

    def _connect(self, target: Target, addresses: Sequence[IPAddress], deadline: Deadline) -> PinnedConnection:
        tls = self._tls if target.scheme == "https" else None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                # One dead address must not use up the time of the others.
                return PinnedConnection.open(target, address, self._dial, tls, deadline.left() / left, deadline)
            except OSError:
                if left == 1:
                    raise
        raise ConnectFailed(f"{target.authority} has no address to connect to.")


def _head(
    connection: PinnedConnection, target: Target, deadline: Deadline, on_progress: Callable[[], None]
) -> tuple[PinnedConnection, Reply]:
    try:
        reply = connection.ask(target.path, _headers(target), deadline)
        reply.read_head(on_progress)
    except BaseException:
        connection.close()
        raise
    return connection, reply


def _headers(target: Target) -> dict[str, str]:
    headers = {
        "Host": target.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
    }
    if target.credentials is not None:
        headers["Authorization"] = f"Basic {b64encode(target.credentials).decode()}"
    return headers


def _read(reply: Reply, max_bytes: int, on_progress: Callable[[], None], on_answer: Callable[[], None]) -> Answer:
    location = reply.headers.get("location") if reply.status in REDIRECTS else None
    if location is None:
        on_answer()
    limit = min(max_bytes, MAX_REDIRECT_BODY) if location is not None else max_bytes
    body, complete = reply.read_body(limit, on_progress)
    return Answer(
        status=reply.status,
        location=location,
        content_type=reply.headers.get("content-type", ""),
        encoding=reply.headers.get("content-encoding", ""),
        body=body,
        complete=complete,
    )
