"""A request's body as a stream that ends where the client ended it, or says why not."""

from __future__ import annotations

import io
import time
from typing import IO, Any

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected

from shared.errors import BodyTooLarge

# What is made of a body does not yield to other requests by itself. gevent looks for them once in fifty sleeps of 0 s,
# and after any longer one.
TURN_S = 0.01
PAUSE_S = 0.001


class Turns:
    """Gives other requests their turn while one is at work."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def give(self) -> None:
        """Lets others run if the last time was 10 ms ago."""
        if time.monotonic() - self._begun >= TURN_S:
            time.sleep(PAUSE_S)
            self._begun = time.monotonic()


class BodyStream(io.RawIOBase):
    """Reads a body and counts.

    Werkzeug's own stream stops at the limit without a word when a body has no Content-Length, and takes a body that
    broke off for a whole one.

    Args:
        source: ends by itself where the body ends.
        length: the Content-Length; None for a chunked body.
        limit: how many bytes are taken.

    Raises:
        BodyTooLarge: the body has more than `limit` bytes.
        ClientDisconnected: the body broke off.
    """

    def __init__(self, source: IO[bytes], length: int | None, limit: int) -> None:
        if length is not None and length > limit:
            raise _too_large(limit)
        self._source = source
        self._length = length
        self._limit = limit
        self._count = 0
        self._turns = Turns()

    def readable(self) -> bool:
        """A body can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads on; returns 0 at the end."""
        self._turns.give()
        try:
            data = self._source.read(min(len(buffer), self._limit - self._count + 1))
        except (OSError, ValueError, ParseException):
            # The last is what gunicorn says of broken chunks, and of broken headers behind them.
            raise ClientDisconnected from None
        self._count += len(data)
        if self._count > self._limit:
            raise _too_large(self._limit)
        if not data and len(buffer) and self._length is not None and self._count < self._length:
            raise ClientDisconnected
        buffer[: len(data)] = data
        return len(data)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"A body of at most {limit} bytes is taken.")
