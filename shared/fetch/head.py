"""The head of an answer: its status and headers (RFC 9112), read strictly in size and leniently in form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from shared.errors import ConnectFailed
from shared.fetch.wire import BrokenAnswer, Wire

MAX_HEAD_BYTES = 64 * 1024
MAX_HEAD_LINES = 128

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
# Interim answers come before the one that was asked for. 101 is none: it would be the last in HTTP.
_INTERIM = frozenset({100, 102, 103})


@dataclass(frozen=True)
class Head:
    """Status and headers, names in lower case. A header that came several times is one, joined by commas."""

    status: int
    headers: Mapping[str, str]
    version: int

    @property
    def keeps_connection(self) -> bool:
        """Whether the host lets the connection be used again."""
        options = {option.strip() for option in self.headers.get("connection", "").lower().split(",")}
        return "close" not in options if self.version == 1 else "keep-alive" in options


def read_head(wire: Wire) -> Head:
    """Reads the head of the answer, past interim ones.

    Raises:
        ConnectFailed: when it is larger than any honest host's.
        BrokenAnswer, OSError: when it is no HTTP, or breaks off.
        FetchTimeout: at the deadline.
    """
    lines = _lines(wire)
    while True:
        found = _STATUS.fullmatch(next(lines))
        if not found:
            raise BrokenAnswer
        headers = _headers(takewhile(bool, lines))
        status = int(found[2])
        if status not in _INTERIM:
            return Head(status, headers, int(found[1]))


def _lines(wire: Wire) -> Iterator[bytes]:
    """Yields the lines of all heads, interim ones too: they could go on for ever."""
    left = MAX_HEAD_BYTES
    for _ in range(MAX_HEAD_LINES):
        line = wire.line(left)
        left -= len(line)
        yield line
    raise ConnectFailed(f"The host sent more than {MAX_HEAD_LINES} lines of headers.")


def _headers(lines: Iterable[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        text = line.decode("latin-1")
        if text[0] in " \t":
            # A long header that goes on, as old servers send it.
            value, joint = text.strip(), " "
        else:
            name, _, value = text.partition(":")
            name, value, joint = name.strip().lower(), value.strip(), ", "
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    return headers
