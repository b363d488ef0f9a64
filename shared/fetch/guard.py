"""Sockets that are cut at a deadline wherever they stand.

A socket's own time-out starts anew with every receive, so a host that sends one byte a second is never cut by it.
Here each receive gets only what is left of the whole.
"""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from shared.errors import ConnectFailed
from shared.fetch.deadline import Deadline

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_HEADER_BYTES = 64 * 1024
# The reader takes up to 8 KiB at once, so as much of the body may be counted with the headers.
_READ_AHEAD = 8 * 1024


class Guard:
    """What one request may still take: time, and until its headers are over, bytes."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self._header_bytes = 0
        self._in_headers = True

    def end_headers(self) -> None:
        """Stops counting; the body is counted by its reader."""
        self._in_headers = False

    def count(self, received: int) -> None:
        """Counts bytes received.

        Raises:
            ConnectFailed: when the headers are larger than any honest host's.
        """
        self._header_bytes += received
        if self._in_headers and self._header_bytes > MAX_HEADER_BYTES + _READ_AHEAD:
            raise ConnectFailed(f"The host sent more than {MAX_HEADER_BYTES // 1024} KiB of headers.")


class GuardedSocket(socket.socket):
    """A TCP socket whose receives obey `guard`."""

    guard: Guard | None = None

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        """Receives like any socket, in the time that is left.

        Raises:
            FetchTimeout: at the deadline.
            ConnectFailed: when the headers are too large.
        """
        if self.guard is None:
            return super().recv_into(buffer, nbytes or 0, flags)
        self.settimeout(self.guard.deadline.left())
        try:
            received = super().recv_into(buffer, nbytes or 0, flags)
        except TimeoutError:
            raise self.guard.deadline.passed() from None
        self.guard.count(received)
        return received


class GuardedTlsSocket(GuardedSocket, ssl.SSLSocket):
    """The same over TLS. The handshake needs no guard: its time-out is one for the whole."""
