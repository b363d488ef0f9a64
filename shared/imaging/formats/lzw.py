"""Counts how often the LZW code of a GIF starts its table anew (GIF89a, appendix F), without decoding it.

OpenCV 5.0.0 takes 10 microseconds to empty its table of 4,096 entries. Codes that do nothing else take 3 bits, so that
a megabyte of them would keep it busy for half a minute; no program that writes GIFs needs more than a few thousand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MOST_BITS = 12
# As many codes as fill the table; later ones all have 12 bits.
_WINDOW = 2**_MOST_BITS


def restarts(coded: bytes, least_bits: int, limit: int) -> int:
    """Counts the clear and end codes; OpenCV goes on after an end code as after a clear code.

    Args:
        coded: the entropy-coded bytes of one frame, data blocks joined.
        least_bits: the "minimum code size" of the frame, 2 to 11.
        limit: stop counting above this.

    Returns:
        How many there are, or `limit` + 1.
    """
    if len(coded) * 8 // (least_bits + 1) <= limit:
        return 0
    data = np.frombuffer(coded + bytes(4), np.uint8).astype(np.uint32)
    widths, count, position, since, window = _widths(least_bits), 0, 0, 0, 64
    end = len(coded) * 8
    while position < end and count <= limit:
        chosen = widths[np.minimum(np.arange(since, since + window), len(widths) - 1)]
        starts = position + np.concatenate(([0], np.cumsum(chosen)[:-1]))
        inside = starts < end
        codes = _codes(data, starts[inside], chosen[inside])
        found = np.flatnonzero((codes >> 1) == (1 << least_bits) >> 1)
        last = int(found[0]) if found.size else len(codes) - 1
        position = int(starts[last] + chosen[last])
        if found.size:
            count, since, window = count + 1, 0, min(since + last + 2, _WINDOW)
        else:
            since, window = since + len(codes), _WINDOW
    return count


def _widths(least_bits: int) -> NDArray[np.int64]:
    """Returns how many bits the first, second … code after a restart has: enough to name every entry so far."""
    entries = (1 << least_bits) + 1 + np.arange(_WINDOW)
    bits = np.floor(np.log2(entries)).astype(np.int64) + 1
    return np.asarray(np.clip(bits, least_bits + 1, _MOST_BITS), np.int64)


def _codes(data: NDArray[np.uint32], starts: NDArray[np.int64], widths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Reads the codes that begin at bits `starts`, lowest bit first."""
    at = starts >> 3
    near = data[at] | data[at + 1] << 8 | data[at + 2] << 16
    return np.asarray((near.astype(np.int64) >> (starts & 7)) & ((1 << widths) - 1), np.int64)
