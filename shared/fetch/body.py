"""The body of an answer: where it ends (RFC 9112 6.3), and its bytes up to a limit, before and after decompression."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator

from shared.errors import ConnectFailed, TooLarge
from shared.fetch.head import Head
from shared.fetch.wire import BrokenAnswer, Wire

# 32 lets zlib tell gzip from deflate by the first bytes; 15 is the largest window.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity"})
_NO_BODY = frozenset({204, 304})
# Digits enough for any file; Python refuses to read thousands of them.
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_MAX_LINE = 4096
_MAX_TRAILERS = 100


class UnreadableBody(ConnectFailed):
    """Raised when a body is not compressed as its header says. Asking again gives the same."""

    transient = False


def delimited(head: Head) -> bool:
    """Tells whether the answer itself says where its body ends; else the end of the connection does."""
    return head.status in _NO_BODY or _is_chunked(head) or "content-length" in head.headers


def pieces(wire: Wire, head: Head) -> Iterator[bytes]:
    """Yields the body, still encoded, as it comes.

    Raises:
        BrokenAnswer, OSError: when the body breaks off or is not what the headers say.
        FetchTimeout: at the deadline.
    """
    if head.status in _NO_BODY:
        return iter(())
    if _is_chunked(head):
        return _chunks(wire)
    if "content-length" in head.headers:
        return wire.exactly(_length(head.headers["content-length"]))
    return wire.rest()


def read_raw(body: Iterable[bytes], max_bytes: int, on_progress: Callable[[], None]) -> tuple[bytes, bool]:
    """Reads a body as it comes, to its end or a little over `max_bytes`.

    Args:
        body: from `pieces`.
        max_bytes: where reading stops.
        on_progress: called after each piece.

    Returns:
        The body, and whether that is all of it.
    """
    taken: list[bytes] = []
    size = 0
    for piece in body:
        taken.append(piece)
        size += len(piece)
        on_progress()
        if size > max_bytes:
            return b"".join(taken), False
    return b"".join(taken), True


def _is_chunked(head: Head) -> bool:
    return "chunked" in head.headers.get("transfer-encoding", "").lower()


def _length(text: str) -> int:
    # Some hosts say it twice; two lengths that differ are an attack on somebody.
    values = {value.strip() for value in text.split(",")}
    value = values.pop()
    if values or not _LENGTH.fullmatch(value):
        raise BrokenAnswer
    return int(value)


def _chunks(wire: Wire) -> Iterator[bytes]:
    while size := _chunk_size(wire.line(_MAX_LINE)):
        yield from wire.exactly(size)
        if wire.line(0):
            raise BrokenAnswer
    for _ in range(_MAX_TRAILERS):
        if not wire.line(_MAX_LINE):
            return
    raise BrokenAnswer


def _chunk_size(line: bytes) -> int:
    # What follows a semicolon are extensions that nobody uses.
    size = line.partition(b";")[0].strip()
    if not _CHUNK_SIZE.fullmatch(size):
        raise BrokenAnswer
    return int(size, 16)


def decoded(body: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undoes a Content-Encoding. None is asked for, but some hosts compress all the same.

    Raises:
        TooLarge: when there are more than `max_bytes`; no more than that is ever decompressed.
        UnreadableBody: when `encoding` is neither gzip nor deflate, or the body is not what it says.
    """
    coding = encoding.strip().lower()
    if coding in _PLAIN:
        return body
    if coding not in _COMPRESSED:
        raise UnreadableBody(f"The host sent it compressed as {coding[:32]!r}. Expected it as it is, or gzip.")
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = decompressor.decompress(body, max_bytes + 1)
    except zlib.error:
        raise UnreadableBody(f"The host says it sent {coding}, but the bytes are not.") from None
    if len(plain) > max_bytes:
        raise too_large(max_bytes)
    if not decompressor.eof:
        raise UnreadableBody(f"The host sent {coding} that ends too early.")
    return plain


def too_large(max_bytes: int) -> TooLarge:
    """Returns the error for more than `max_bytes`."""
    return TooLarge(f"It has more than {max_bytes:,} bytes. Send a smaller one.")
