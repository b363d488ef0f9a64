"""Undoes the compression of a body, up to a limit."""

from __future__ import annotations

import zlib

from shared.errors import ConnectFailed, TooLarge

# 32 lets zlib tell gzip from deflate by the first bytes; 15 is the largest window.
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity"})


class UnreadableBody(ConnectFailed):
    """Raised when a body is not compressed as its header says. Asking again gives the same."""

    transient = False


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
