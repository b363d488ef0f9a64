"""A connection to one checked address, with the host name kept for the Host header, SNI and the certificate."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from typing import cast

from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from shared.fetch.deadline import Deadline
from shared.fetch.guard import Guard, GuardedSocket, GuardedTlsSocket
from shared.fetch.ranges import IPAddress
from shared.fetch.target import Target

# Opens a TCP connection to (address, port) within so many seconds.
Dial = Callable[[IPAddress, int, float], GuardedSocket]
# Scheme, host, address, port: what must be the same for a connection to be used again.
Key = tuple[str, str, IPAddress, int]

# It logs each odd header of a strange host with a traceback; the item's outcome says what matters.
logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
logging.getLogger("urllib3.response").setLevel(logging.ERROR)


def dial(address: IPAddress, port: int, timeout_s: float) -> GuardedSocket:
    """Connects to an address. Only digits reach the system, so nothing is looked up here.

    Raises:
        OSError: when the connection cannot be made in time.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = GuardedSocket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def guarded(context: ssl.SSLContext) -> ssl.SSLContext:
    """Makes a context wrap sockets in guarded ones, and returns it."""
    context.sslsocket_class = GuardedTlsSocket
    context.set_alpn_protocols(["http/1.1"])
    return context


class PinnedConnection(HTTPConnection):
    """An HTTP/1.1 connection that knows its address and never resolves a name."""

    def __init__(self, target: Target, address: IPAddress) -> None:
        super().__init__(target.host, target.port)
        self.key: Key = (target.scheme, target.host, address, target.port)
        self._address = address
        self._guarded: GuardedSocket

    def open(self, dial_to: Dial, tls: ssl.SSLContext | None, timeout_s: float, deadline: Deadline) -> None:
        """Connects, and for https shakes hands.

        Raises:
            OSError: when no connection can be made within `timeout_s`.
            ssl.SSLError: when the handshake or the certificate fails.
            FetchTimeout: at the deadline.
        """
        sock = dial_to(self._address, self.port, timeout_s)
        if tls:
            sock.settimeout(deadline.left())
            sock = cast("GuardedTlsSocket", tls.wrap_socket(sock, server_hostname=self.host))
        self.sock = self._guarded = sock

    def ask(self, path: str, headers: Mapping[str, str], deadline: Deadline) -> HTTPResponse:
        """Sends a GET and returns the answer once its headers are there, its body unread.

        Raises:
            OSError: when the connection breaks.
            http.client.HTTPException: when the answer is no HTTP.
            FetchTimeout: at the deadline.
        """
        guard = self._guarded.guard = Guard(deadline)
        self.timeout = deadline.left()
        self.request("GET", path, headers=headers, preload_content=False, decode_content=False)
        response = self.getresponse()
        guard.end_headers()
        return response

    def connect(self) -> None:
        """Refuses to connect: http.client would do it by itself after a close, and resolve the name."""
        raise ConnectionError("The connection was closed.")
