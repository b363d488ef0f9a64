"""What a host answers to one request, received in time and read by llhttp, the HTTP parser of Node.js."""

from __future__ import annotations

import socket
from collections.abc import Callable

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from shared.errors import ConnectFailed
from shared.fetch.deadline import Deadline

# A picture of a web page in one call; larger buffers come from the system each time, zeroed, which costs more.
RECEIVE_BYTES = 64 * 1024
MAX_HEAD_BYTES = 64 * 1024
# How long the host may be silent before work that is to stop can notice it.
LISTEN_S = 0.5
# So many bytes of a body's wrapping, the sizes of its chunks, may come with each of its own.
MAX_WRAPPING = 8
# Interim answers come before the one that was asked for.
INTERIM = frozenset({100, 102, 103})


class BrokenAnswer(ConnectionError):
    """Raised when the connection ends too early, or what came is no HTTP."""


class Reply:
    """The answer to one request. First `read_head`, then `read_body`.

    A socket's own time-out starts anew with every receive, so a host that sends one byte a second is never cut by it.
    Here each receive gets only what is left of the whole.

    Attributes:
        status: of the head.
        headers: names in lower case; one that came several times is one, joined by commas.
        reusable: whether the connection may carry another request.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._parser = HttpResponseParser(self)
        # Old servers leave out the CR, put spaces before the colon and fold long headers; nobody stands between us and
        # them who could read it otherwise.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_chunked_length=True,
            lenient_data_after_close=True,
            lenient_optional_cr_before_lf=True,
        )
        # Put together as it comes: a hostile host sends byte by byte, and each would be an object.
        self._body = bytearray()
        self._received = 0
        self._has_head = self._is_whole = False
        self.status = 0
        self.headers: dict[str, str] = {}
        self.reusable = False

    def read_head(self, on_progress: Callable[[], None]) -> None:
        """Receives until the head is there, past interim ones.

        Args:
            on_progress: called after each piece, and twice a second while none comes; may raise to stop.

        Raises:
            ConnectFailed: it is larger than any honest host's.
            BrokenAnswer, OSError: it is no HTTP, or breaks off.
            FetchTimeout: at the deadline.
        """
        while not self._has_head:
            if not self._receive(on_progress):
                raise BrokenAnswer
            if self._received - len(self._body) > MAX_HEAD_BYTES:
                raise ConnectFailed(f"The host sent more than {MAX_HEAD_BYTES // 1024} KiB of headers.")

    def read_body(self, most: int, on_progress: Callable[[], None]) -> tuple[bytes, bool]:
        """Returns the body, still encoded, to its end or a little over `most` bytes, and whether that is all of it.

        Args:
            on_progress: as for `read_head`.

        Raises:
            BrokenAnswer, OSError, FetchTimeout, ConnectFailed: as for `read_head`.
        """
        try:
            while not self._is_whole and len(self._body) <= most:
                self._read_on(on_progress)
        finally:
            # The parser and this object hold each other; parted, they free the bytes now, not at a collection.
            del self._parser
        return bytes(self._body), self._is_whole and len(self._body) <= most

    def _read_on(self, on_progress: Callable[[], None]) -> None:
        if not self._receive(on_progress):
            if self._is_delimited:
                raise BrokenAnswer
            self._is_whole = True
        if self._received - len(self._body) > MAX_HEAD_BYTES + MAX_WRAPPING * len(self._body):
            raise ConnectFailed("The host sent much that is no part of the picture.")

    @property
    def _is_delimited(self) -> bool:
        """Whether the answer itself says where its body ends; else the end of the connection does (RFC 9112, 6.3)."""
        chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        return chunked or "content-length" in self.headers

    def _receive(self, on_progress: Callable[[], None]) -> bool:
        """Receives and parses a piece; False at the end of the connection."""
        data = self._next_piece(on_progress)
        self._received += len(data)
        try:
            if data:
                self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            # What follows a whole answer is nobody's; the connection is not used again.
            self.reusable = False
            if not self._is_whole:
                raise BrokenAnswer from None
        return bool(data)

    def _next_piece(self, on_progress: Callable[[], None]) -> bytes:
        while True:
            self._sock.settimeout(min(LISTEN_S, self._deadline.left()))
            try:
                data = self._sock.recv(RECEIVE_BYTES)
            except TimeoutError:
                on_progress()
                continue
            on_progress()
            return data

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begins the head of this answer or an interim one, or what nobody asked for."""
        self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header, or a trailer, which says nothing."""
        if not self._has_head:
            key, text = name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        """Ends a head."""
        status = self._parser.get_status_code()
        if status in INTERIM:
            self.headers.clear()
        elif not self._has_head:
            self._has_head, self.status = True, status

    def on_body(self, piece: bytes) -> None:
        """Takes a piece of the body."""
        if not self._is_whole:
            self._body += piece

    def on_message_complete(self) -> None:
        """Ends an answer."""
        if self._has_head and not self._is_whole:
            self._is_whole = True
            self.reusable = self._parser.should_keep_alive()
