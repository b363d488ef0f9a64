"""The load generator, one for every contestant: HTTP/1.1, one request at a time on each of its open connections.

It reads just enough of HTTP to find the end of an answer, so that it takes a small part of the machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
# A server that mostly refuses is broken, and there is nothing to measure.
MOST_FAILED = 0.5
HEAD_END, CHUNKS_END = b"\r\n\r\n", b"0\r\n\r\n"


class UnexpectedAnswer(Exception):
    """Raised when a contestant answers with anything but the class of the picture."""


@dataclass(frozen=True)
class Target:
    """Where requests go, and what they are.

    Attributes:
        body: the JSON of a request, from the URL of its picture.
        expected: bytes that every good answer has in its body.
    """

    port: int
    path: str
    body: Callable[[str], Any]
    expected: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, url: str) -> bytes:
        """Returns a whole request."""
        content = json.dumps(self.body(url)).encode()
        headers = {"Host": f"127.0.0.1:{self.port}", "Content-Type": "application/json", **self.headers}
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""]).encode() + content


@dataclass(frozen=True)
class Load:
    """What came of a load.

    Attributes:
        times: seconds of each good answer, in their order.
        seconds: of all.
        failed: how many answers were others.
    """

    times: list[float]
    seconds: float
    failed: int

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.times) / self.seconds


def load(target: Target, urls: Iterator[str], *, clients: int, count: int, seconds: float) -> Load:
    """Sends requests until `count` are answered or the time is over, whichever is first.

    Raises:
        UnexpectedAnswer: most answers are no good ones, or none came within 60 s after the time was over.
            The message has the first of them.
    """
    return asyncio.run(_load(target, urls, clients, count, seconds))


async def _load(target: Target, urls: Iterator[str], clients: int, count: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    work = _Work(target, urls, count, loop.time() + seconds, loop.create_future())
    started = time.perf_counter()
    opened = [loop.create_connection(lambda: _Client(work), "127.0.0.1", target.port) for _ in range(clients)]
    work.open = clients
    transports = [transport for transport, _ in await asyncio.gather(*opened)]
    try:
        await asyncio.wait_for(work.done, seconds + 60)
    except TimeoutError:
        raise UnexpectedAnswer(f"no answer from port {target.port} within 60 s") from None
    finally:
        for transport in transports:
            transport.close()
    if len(work.failed) > (len(work.times) + len(work.failed)) * MOST_FAILED:
        raise UnexpectedAnswer(f"{len(work.failed)} bad answers and {len(work.times)} good ones: {work.failed[0]}")
    return Load(work.times, time.perf_counter() - started, len(work.failed))


class _Work:
    """What is to be sent, and what was answered; shared by the connections."""

    def __init__(
        self, target: Target, urls: Iterator[str], count: int, deadline: float, done: asyncio.Future[None]
    ) -> None:
        self.target = target
        self.times: list[float] = []
        self.failed: list[str] = []
        self.open = 0
        self.done = done
        self._urls = urls
        self._left = count
        self._deadline = deadline

    def next_request(self) -> bytes | None:
        """Returns a request, None when enough were sent."""
        if not self._left or asyncio.get_running_loop().time() > self._deadline:
            self.open -= 1
            if not self.open and not self.done.done():
                self.done.set_result(None)
            return None
        self._left -= 1
        return self.target.request(next(self._urls))

    def answered(self, received: bytes, body: bytes, seconds: float) -> None:
        """Counts an answer."""
        if received.startswith(b"HTTP/1.1 200") and self.target.expected in body:
            self.times.append(seconds)
        else:
            self.failed.append(f"port {self.target.port}: {received[:1000]!r}")

    def fail(self, reason: str) -> None:
        """Ends the load."""
        if not self.done.done():
            self.done.set_exception(UnexpectedAnswer(reason))


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._received = b""
        self._sent_at = 0.0
        self._waits = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        body = body_of(self._received)
        if body is None:
            return
        self._work.answered(self._received, body, time.perf_counter() - self._sent_at)
        self._received = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._waits:
            self._work.fail(f"port {self._work.target.port} closed the connection: {error}")

    def _send(self) -> None:
        request = self._work.next_request()
        self._waits = request is not None
        if request is not None:
            self._sent_at = time.perf_counter()
            self._transport.write(request)


def body_of(received: bytes) -> bytes | None:
    """Returns the body of an answer once all of it is there, None before. Chunked bodies come with their framing."""
    head, end, body = received.partition(HEAD_END)
    if not end:
        return None
    if length := _LENGTH.search(head):
        return body if len(body) >= int(length[1]) else None
    if not _CHUNKED.search(head):
        raise UnexpectedAnswer(f"an answer that says nothing of its length: {head!r}")
    return body if body.endswith(CHUNKS_END) else None
