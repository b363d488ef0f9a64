"""GIF (87a and 89a): a canvas, maybe a palette, then blocks. Only the first frame is read, and only it is decoded."""

from __future__ import annotations

import struct
from typing import NamedTuple

from shared.errors import NotAnImage
from shared.imaging.formats.lzw import restarts
from shared.imaging.formats.model import Format, Header, check_parts

_IMAGE, _EXTENSION, _TRAILER, _GRAPHIC_CONTROL = 0x2C, 0x21, 0x3B, 0xF9
_HAS_PALETTE, _HAS_TRANSPARENT = 0x80, 0x01
# Measured with OpenCV 5.0.0: a four-byte canvas, the frame's indexes, the picture, its copy.
_BYTES_PER_PIXEL = 17
# Five thousand take OpenCV a twentieth of a second.
_MAX_RESTARTS = 5_000


class _First(NamedTuple):
    """Where the first frame is: its descriptor, its coded data, its end, and its graphic control if it has one."""

    descriptor: int
    coded: int
    end: int
    control: bytes


def _palette_end(flags: int, position: int) -> int:
    return position + 3 * 2 ** ((flags & 7) + 1) if flags & _HAS_PALETTE else position


def _skip_blocks(data: bytes, position: int, count: int) -> tuple[int, int]:
    """Passes over a chain of data blocks: each has a length byte, and a zero ends the chain.

    Returns:
        Where it ends, and `count` and its blocks, that last zero included.
    """
    while length := data[position]:
        position += length + 1
        count += 1
        check_parts("GIF", count)
    return position + 1, count + 1


def _first_frame(data: bytes) -> _First:
    position, control, count = _palette_end(data[10], 13), b"", 0
    while data[position] == _EXTENSION:
        check_parts("GIF", count)
        if data[position + 1] == _GRAPHIC_CONTROL:
            control = data[position + 2 : position + 7]
        position, count = _skip_blocks(data, position + 2, count)
    if data[position] != _IMAGE:
        raise NotAnImage("This GIF has no frame that can be read.")
    coded = _palette_end(data[position + 9], position + 10)
    end, _ = _skip_blocks(data, coded + 1, count)
    return _First(position, coded, end, control)


def _matches(data: bytes) -> bool:
    return data.startswith((b"GIF87a", b"GIF89a"))


def _read(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("GIF", width, height, alpha=True, memory=width * height * _BYTES_PER_PIXEL)


def _check(data: bytes, header: Header) -> None:
    first = _first_frame(data)
    left, top, width, height = struct.unpack_from("<4H", data, first.descriptor + 1)
    if left + width > header.width or top + height > header.height:
        raise NotAnImage(
            f"This GIF is broken: its first frame, {width} x {height} pixels at {left}, {top}, does not fit in"
            f" {header.width} x {header.height}."
        )
    least_bits = data[first.coded]
    if not 2 <= least_bits <= 11:
        raise NotAnImage(f"This GIF is broken: its codes begin with {least_bits} bits, expected 2 to 8.")
    if restarts(_joined(data, first.coded + 1), least_bits, _MAX_RESTARTS) > _MAX_RESTARTS:
        raise NotAnImage(f"This GIF starts its code table anew more than {_MAX_RESTARTS:,} times. It looks crafted.")


def _joined(data: bytes, position: int) -> bytes:
    blocks = []
    while length := data[position]:
        blocks.append(data[position + 1 : position + 1 + length])
        position += length + 1
    return b"".join(blocks)


def _clean(data: bytes) -> bytes:
    """Keeps the first frame alone, on a canvas whose background is never seen: pixels without one are transparent."""
    first = _first_frame(data)
    screen = data[6:11] + b"\x00\x00" + data[13 : _palette_end(data[10], 13)]
    control = b""
    if len(first.control) == 5 and first.control[1] & _HAS_TRANSPARENT:
        control = bytes((_EXTENSION, _GRAPHIC_CONTROL, 4, _HAS_TRANSPARENT, 0, 0, first.control[4], 0))
    return b"GIF89a" + screen + control + data[first.descriptor : first.end] + bytes((_TRAILER,))


GIF = Format("GIF", _matches, _read, _check, _clean)
