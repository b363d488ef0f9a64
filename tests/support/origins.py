"""A local origin server whose paths behave well or badly: slow, endless, lying, resetting, redirecting.

    with Origin() as origin:
        origin.on("/a.png", serve(png))
        fetch(origin.url("/a.png"))

A behaviour is a function that gets the connection of one request and writes whatever it likes to it. It returns True
to keep the connection open for another request.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from tests.support.exchange import Behaviour, Exchange, Request, opened, read_request

MIB = 1024 * 1024


class Origin:
    """An HTTP server on a free port of 127.0.0.1. Unknown paths are 404. `requests` holds all that came."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._behaviours: dict[str, Behaviour] = {}
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[Request] = []
        self.connections = 0
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._start(self._accept)

    def on(self, path: str, behaviour: Behaviour) -> None:
        """Makes `path` behave so; the query is not part of it."""
        self._behaviours[path] = behaviour

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """Returns the URL of a path."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def hits(self) -> Counter[str]:
        """Returns how often each path was asked for."""
        return Counter(request.path.partition("?")[0] for request in self.requests)

    def close(self) -> None:
        """Ends all connections and waits for their threads."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, sock, self.connections)

    def _serve(self, raw: socket.socket, number: int) -> None:
        with suppress(OSError), opened(raw, self._tls) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(sock)
            try:
                while (request := read_request(sock, number)) is not None:
                    self.requests.append(request)
                    behave = self._behaviours.get(request.path.partition("?")[0], status(404))
                    if not behave(Exchange(sock, request, self._closing)):
                        return
            finally:
                self._open.discard(sock)


def answer(
    body: bytes = b"", *, code: int = 200, content_type: str = "image/png", headers: dict[str, str] | None = None
) -> bytes:
    """Returns the bytes of a well-formed answer."""
    fields = {"Content-Type": content_type, "Content-Length": str(len(body))} | (headers or {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {code} Told\r\n{lines}\r\n".encode() + body


def serve(body: bytes, *, content_type: str = "image/png", headers: dict[str, str] | None = None) -> Behaviour:
    """Answers 200 with `body` and keeps the connection."""
    return raw(answer(body, content_type=content_type, headers=headers), keep=True)


def status(code: int, body: bytes = b"told you", headers: dict[str, str] | None = None) -> Behaviour:
    """Answers with a status and keeps the connection."""
    return raw(answer(body, code=code, content_type="text/plain", headers=headers), keep=True)


def redirect(location: str, code: int = 302) -> Behaviour:
    """Redirects to `location`; to its own path, this is a loop."""
    return status(code, b"over there", {"Location": location})


def raw(data: bytes, *, keep: bool = False) -> Behaviour:
    """Sends exactly these bytes, then closes unless `keep`."""

    def behave(exchange: Exchange) -> bool:
        exchange.send(data)
        return keep

    return behave


def flaky(failures: int, failing: Behaviour, then: Behaviour) -> Behaviour:
    """Behaves as `failing` so many times, then as `then`."""
    left = iter(range(failures))

    def behave(exchange: Exchange) -> bool | None:
        return then(exchange) if next(left, None) is None else failing(exchange)

    return behave


def slow(seconds: float, then: Behaviour) -> Behaviour:
    """Says nothing for a while, then behaves as `then`."""

    def behave(exchange: Exchange) -> bool | None:
        exchange.wait(seconds)
        return then(exchange)

    return behave


def silent() -> Behaviour:
    """Takes the request and never answers."""
    return slow(3600, status(204))


def drip(data: bytes, every_s: float = 0.1) -> Behaviour:
    """Sends the bytes of a whole answer one at a time; the headers drip too."""

    def behave(exchange: Exchange) -> None:
        for byte in data:
            exchange.send(bytes([byte]))
            exchange.wait(every_s)

    return behave


def slow_body(body: bytes, every_s: float = 0.1) -> Behaviour:
    """Sends the headers at once and the body one byte at a time."""

    def behave(exchange: Exchange) -> None:
        exchange.send(f"HTTP/1.1 200 Told\r\nContent-Length: {len(body)}\r\n\r\n".encode())
        drip(body, every_s)(exchange)

    return behave


def endless(piece: bytes = b"\0" * 65536, head: bytes = b"HTTP/1.1 200 Told\r\n\r\n") -> Behaviour:
    """Sends `head`, then `piece` for ever."""

    def behave(exchange: Exchange) -> None:
        exchange.send(head)
        while not exchange.closing.is_set():
            exchange.send(piece)

    return behave


def endless_headers() -> Behaviour:
    """Sends header lines for ever."""
    return endless(b"X-Filler: " + b"x" * 1000 + b"\r\n", b"HTTP/1.1 200 Told\r\n")


def large_headers(size: int) -> Behaviour:
    """Sends about `size` bytes of headers in lines of 1,000, then a small body."""
    filler = {f"X-Filler-{number}": "x" * 985 for number in range(size // 1000)}
    return serve(b"small", headers=filler)


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> Behaviour:
    """Sends the body in chunks."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return raw(b"HTTP/1.1 200 Told\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + end, keep=True)


def lying_length(claimed: int, body: bytes, *, hang: bool = False) -> Behaviour:
    """Claims a length, sends `body`, and closes, or with `hang` stays silent."""

    def behave(exchange: Exchange) -> None:
        exchange.send(f"HTTP/1.1 200 Told\r\nContent-Length: {claimed}\r\n\r\n".encode() + body)
        if hang:
            exchange.wait(3600)

    return behave


def reset_mid_body(body: bytes = b"half of it") -> Behaviour:
    """Sends part of the body and resets the connection."""

    def behave(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 Told\r\nContent-Length: 100000\r\n\r\n" + body)
        time.sleep(0.02)  # A reset discards what the other side has not received yet.
        exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def gzip_bomb(size: int = 200 * MIB) -> Behaviour:
    """Sends a few KiB that decompress to `size` zero bytes."""
    return serve(gzip.compress(bytes(size), 9), headers={"Content-Encoding": "gzip"})
