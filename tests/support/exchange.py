"""One request to a local server, as what answers it has it in hand."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Request:
    """One request as it came: `headers` by lower-case name, `connection` counting from 1."""

    path: str
    headers: dict[str, str]
    connection: int
    body: bytes = b""
    method: str = "GET"


@dataclass
class Exchange:
    """The connection of one request. `closing` is set when the server stops, so that endless behaviours end."""

    sock: socket.socket
    request: Request
    closing: threading.Event = field(default_factory=threading.Event)

    def send(self, data: bytes) -> None:
        """Sends all of `data`."""
        self.sock.sendall(data)

    def wait(self, seconds: float) -> None:
        """Sleeps, but not beyond the end of the server.

        Raises:
            ConnectionAbortedError: when the server stops.
        """
        if self.closing.wait(seconds):
            raise ConnectionAbortedError


Behaviour = Callable[[Exchange], bool | None]


@contextmanager
def opened(raw: socket.socket, tls: ssl.SSLContext | None) -> Iterator[socket.socket]:
    """Gives a connection, encrypted if there is a context for it, and closes it."""
    try:
        sock = tls.wrap_socket(raw, server_side=True) if tls else raw
    except BaseException:
        raw.close()
        raise
    with sock:
        yield sock


def read_request(sock: socket.socket, connection: int) -> Request | None:
    """Returns the next request of a connection; None when the other side has closed it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(65536)
        if not piece:
            return None
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        piece = sock.recv(65536)
        if not piece:
            return None
        body += piece
    method, path, _ = first.split(" ", 2)
    return Request(path, headers, connection, body, method)
