"""BMP (Windows bitmap): two headers, maybe a palette, then rows of pixels, most often bottom first."""

from __future__ import annotations

import struct

from shared.errors import NotAnImage
from shared.imaging.formats.model import Format, Header

_CORE, _INFO = 12, 40
_RGB, _RLE8, _RLE4, _BITFIELDS = 0, 1, 2, 3
# Bits a pixel that each compression may have; JPEG and PNG wrapped in a BMP exist for printers only.
_DEPTHS = {_RGB: {1, 4, 8, 16, 24, 32}, _RLE8: {8}, _RLE4: {4}, _BITFIELDS: {16, 32}}
# One run of a run-length code is two bytes and covers at most 255 pixels; a jump moves at most 255 rows.
_BEST_RUN = 128


def _matches(data: bytes) -> bool:
    return data[:2] == b"BM"


def _fields(data: bytes) -> tuple[int, int, int, int]:
    """Reads width, height (negative: top row first), bits a pixel and compression."""
    (size,) = struct.unpack_from("<I", data, 14)
    if size == _CORE:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        return width, height, depth, _RGB
    if not _INFO <= size <= 4096:
        raise NotAnImage(f"This BMP is broken: its header claims {size:,} bytes, expected 12 or 40 to 124.")
    width, height, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
    return width, height, depth, compression


def _read(data: bytes) -> Header:
    width, height, _, _ = _fields(data)
    return Header("BMP", max(width, 0), abs(height))


def _check(data: bytes, header: Header) -> None:
    _, _, depth, compression = _fields(data)
    if depth not in _DEPTHS.get(compression, ()):
        raise NotAnImage(f"This BMP has {depth} bits a pixel with compression {compression}, which is not read.")
    (offset,) = struct.unpack_from("<I", data, 10)
    row = (header.width * depth + 31) // 32 * 4
    least = header.pixels // _BEST_RUN if compression in {_RLE4, _RLE8} else row * header.height
    if compression in {_RLE4, _RLE8} and header.height <= 255:
        least = 0
    if offset + least > len(data):
        raise NotAnImage(
            f"This BMP is cut off: {header.width} x {header.height} pixels need {offset + least:,} bytes,"
            f" and it has {len(data):,}. Send the whole file."
        )


BMP = Format("BMP", _matches, _read, _check)
