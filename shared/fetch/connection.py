"""A connection to one checked address, with the host name kept for the Host header, SNI and the certificate."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address

from shared.fetch.deadline import Deadline
from shared.fetch.ranges import IPAddress
from shared.fetch.reply import Reply
from shared.fetch.target import Target

# Opens a TCP connection to (address, port) within so many seconds.
Dial = Callable[[IPAddress, int, float], socket.socket]
# Scheme, host, address, port: what must be the same for a connection to be used again.
Key = tuple[str, str, IPAddress, int]


def dial(address: IPAddress, port: int, timeout_s: float) -> socket.socket:
    """Connects to an address. Only digits reach the system, so nothing is looked up here.

    Raises:
        OSError: when the connection cannot be made in time.
    """
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


class PinnedConnection:
    """An open HTTP/1.1 connection that knows its address and never resolves a name."""

    def __init__(self, key: Key, sock: socket.socket) -> None:
        self.key = key
        self._sock = sock

    @classmethod
    def open(
        cls,
        target: Target,
        address: IPAddress,
        dial_to: Dial,
        tls: ssl.SSLContext | None,
        timeout_s: float,
        deadline: Deadline,
    ) -> PinnedConnection:
        """Connects, and for https shakes hands.

        Raises:
            OSError: when no connection can be made within `timeout_s`.
            ssl.SSLError: when the handshake or the certificate fails.
            FetchTimeout: at the deadline.
        """
        sock = dial_to(address, target.port, timeout_s)
        try:
            if tls:
                # The time-out of a handshake is one for the whole.
                sock.settimeout(deadline.left())
                sock = tls.wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise
        return cls((target.scheme, target.host, address, target.port), sock)

    @property
    def is_quiet(self) -> bool:
        """Whether the host neither closed the connection nor sent what nobody asked for."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return not poll.poll(0)

    def ask(self, path: str, headers: Mapping[str, str], deadline: Deadline, body: bytes | None = None) -> Reply:
        """Sends a GET, or with a body a POST, and returns its answer, unread.

        Args:
            path: with the query, in ASCII and without spaces, as `Target.path` is.

        Raises:
            OSError: when the connection breaks.
            FetchTimeout: at the deadline.
        """
        method = "GET" if body is None else "POST"
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._sock.settimeout(deadline.left())
        self._sock.sendall("\r\n".join(lines).encode("ascii") + (body or b""))
        return Reply(self._sock, deadline)

    def close(self) -> None:
        """Closes it."""
        self._sock.close()
