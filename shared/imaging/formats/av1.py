"""The frames inside AV1 data (AV1 specification 5.3 to 5.5): a list of units, first of them the sequence header.

A decoder allocates what the sequence header says, whatever size the file around it claims, and decodes every frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.errors import NotAnImage
from shared.imaging.formats.model import check_parts

_SEQUENCE_HEADER, _FRAME_HEADER, _FRAME = 1, 3, 6
_HAS_EXTENSION, _HAS_SIZE = 0x04, 0x02


class _Bits:
    """Reads whole numbers from bytes, highest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def read(self, count: int) -> int:
        if count > self._left:
            raise IndexError("The sequence header ends too early.")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def skip_variable(self) -> None:
        """Skips a number that is preceded by as many zeros as it has further bits."""
        zeros = 0
        while not self.read(1):
            zeros += 1
        self.read(zeros)


def frame_pixels(items: Iterable[bytes]) -> Iterator[list[int]]:
    """Yields for each item of AV1 data how many pixels its frames have, each at the most.

    Raises:
        IndexError: an item ends too early.
        NotAnImage: the items have far too many units, or a frame comes before its sequence header.
    """
    count = 0
    for data in items:
        frames, size = [], None
        for kind, start, end in _units(data):
            count += 1
            check_parts("AVIF", count)
            if kind == _SEQUENCE_HEADER:
                size = _sequence_size(data[start : min(end, start + 1024)])
            elif kind in {_FRAME_HEADER, _FRAME}:
                if size is None:
                    raise NotAnImage("This AVIF is broken: a frame of its picture data has no sequence header.")
                frames.append(size[0] * size[1])
        yield frames


def _units(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Walks the units of an item: the kind of each, and where its content starts and ends."""
    position = 0
    while position < len(data):
        header = data[position]
        position += 2 if header & _HAS_EXTENSION else 1
        size = len(data) - position
        if header & _HAS_SIZE:
            size, position = _leb128(data, position)
        yield header >> 3 & 15, position, position + size
        position += size


def _leb128(data: bytes, position: int) -> tuple[int, int]:
    """Reads a number of 7 bits a byte, lowest first; returns it and the place after it."""
    value = 0
    for index in range(8):
        byte = data[position + index]
        value |= (byte & 127) << (7 * index)
        if byte < 128:
            return value, position + index + 1
    raise IndexError("A unit's size does not end.")


def _sequence_size(payload: bytes) -> tuple[int, int]:
    bits = _Bits(payload)
    bits.read(4)
    if bits.read(1):
        bits.read(5)
    else:
        _skip_timing_and_points(bits)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_timing_and_points(bits: _Bits) -> None:
    """Skips timing, decoder model and operating points, which only films have."""
    delay_bits = 0
    if bits.read(1):
        bits.read(64)
        if bits.read(1):
            bits.skip_variable()
        if bits.read(1):
            delay_bits = bits.read(5) + 1
            bits.read(42)
    has_display_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if has_display_delay and bits.read(1):
            bits.read(4)
