"""What comes over a connection, received in time and taken in lines and pieces."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from shared.errors import ConnectFailed
from shared.fetch.deadline import Deadline

# A picture of a web page in one call; larger buffers come from the system each time, zeroed, which costs more.
RECEIVE_BYTES = 64 * 1024


class BrokenAnswer(ConnectionError):
    """Raised when the connection ends too early, or what came is no HTTP."""


class Wire:
    """Receives one answer.

    A socket's own time-out starts anew with every receive, so a host that sends one byte a second is never cut by it.
    Here each receive gets only what is left of the whole.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        # Received, and taken up to `_at`: of small pieces none is moved again and again.
        self._data = b""
        self._at = 0

    @property
    def has_more(self) -> bool:
        """Whether something was received that nobody took."""
        return self._at < len(self._data)

    def line(self, most: int) -> bytes:
        """Takes a line, without its end.

        Raises:
            ConnectFailed: when it is longer than `most` bytes.
            BrokenAnswer, OSError: when the connection ends before the line does.
            FetchTimeout: at the deadline.
        """
        searched = self._at
        while (end := self._data.find(b"\n", searched)) < 0:
            searched = len(self._data) - self._at
            if searched > most + 1:
                raise _too_long(most)
            if not self._receive():
                raise BrokenAnswer
        line = self._data[self._at : end].removesuffix(b"\r")
        if len(line) > most:
            raise _too_long(most)
        self._at = end + 1
        return line

    def exactly(self, count: int) -> Iterator[bytes]:
        """Takes `count` bytes, in pieces as they come.

        Raises:
            BrokenAnswer, OSError: when the connection ends before.
            FetchTimeout: at the deadline.
        """
        while count:
            if not self.has_more and not self._receive():
                raise BrokenAnswer
            piece = self._data[self._at : self._at + count]
            self._at += len(piece)
            count -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        """Takes everything up to the end of the connection, in pieces as they come. Raises as `exactly`."""
        while self.has_more or self._receive():
            piece = self._data[self._at :]
            self._at = len(self._data)
            yield piece

    def _receive(self) -> bool:
        """Receives behind what is not taken yet; False at the end of the connection."""
        self._sock.settimeout(self._deadline.left())
        try:
            piece = self._sock.recv(RECEIVE_BYTES)
        except TimeoutError:
            raise self._deadline.passed() from None
        self._data, self._at = self._data[self._at :] + piece, 0
        return bool(piece)


def _too_long(most: int) -> ConnectFailed:
    return ConnectFailed(f"The host sent a line of more than {most:,} bytes before the picture.")
