"""AVIF (AV1 in HEIF, ISO/IEC 23008-12): nested boxes; the size lies in `ispe` boxes, one an item, grids included."""

from __future__ import annotations

import struct

from shared.errors import NotAnImage
from shared.imaging.formats.av1 import frame_pixels
from shared.imaging.formats.boxes import boxes, check_tables, items
from shared.imaging.formats.model import Format, Header

_BRANDS = frozenset({b"avif", b"avis"})
# Measured with OpenCV 5.0.0: the decoder keeps several planes of its own, twice as large above 8 bits a sample.
_BYTES_PER_PIXEL, _DEEP_BYTES_PER_PIXEL = 17, 34
_DEEP = 0x40
# Tiles may reach over the edge, a picture may have another in it that makes it brighter, and sides are rounded up.
_TILES_SLACK, _SMALL = 2, 2**20
# Some come in up to four frames, each sharper than the one before.
_MOST_FRAMES = 4


def _matches(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    size = int.from_bytes(data[:4], "big")
    brands = data[8:12] + data[16 : min(size, 512)]
    return any(brands[at : at + 4] in _BRANDS for at in range(0, len(brands), 4))


def _read(data: bytes) -> Header:
    width = height = 0
    alpha, deep = False, False
    for box in boxes(data):
        if box.kind == b"ispe":
            sides = struct.unpack_from(">II", data, box.start + 4)
            width, height = max((width, height), sides, key=lambda pair: pair[0] * pair[1])
        elif box.kind == b"auxC":
            alpha = alpha or b"alpha" in data[box.start : box.end]
        elif box.kind == b"av1C":
            deep = deep or bool(data[box.start + 2] & _DEEP)
    per_pixel = _DEEP_BYTES_PER_PIXEL if deep else _BYTES_PER_PIXEL
    return Header("AVIF", width, height, alpha=alpha, memory=width * height * per_pixel)


def _check(data: bytes, header: Header) -> None:
    found = boxes(data)
    check_tables(found)
    frames = [each for each in frame_pixels(items(data, found, b"av01")) if each]
    claim = f"This AVIF is broken: its header says {header.width} x {header.height} pixels, "
    if not frames:
        raise NotAnImage(claim + "but it has no picture data.")
    planes = 2 if header.alpha else 1
    # Of each item one frame is kept, and all of them are decoded.
    if (kept := sum(map(max, frames))) > max(_TILES_SLACK * planes * header.pixels, _SMALL):
        raise NotAnImage(claim + f"its picture data {kept:,} in all.")
    if (decoded := sum(map(sum, frames))) > max(_MOST_FRAMES * planes * header.pixels, _SMALL):
        raise NotAnImage(claim + f"its {sum(map(len, frames)):,} frames {decoded:,} in all.")


def _clean(data: bytes) -> bytes:
    """Hides the film of an animation, so that its still picture is decoded: the one that was checked."""
    size = int.from_bytes(data[:4], "big")
    cleaned = bytearray(data)
    cleaned[8:size] = data[8:size].replace(b"avis", b"avif")
    for box in boxes(data):
        if box.kind == b"moov":
            at = data.rindex(b"moov", 0, box.start)
            cleaned[at : at + 4] = b"free"
    return bytes(cleaned)


AVIF = Format("AVIF", _matches, _read, _check, _clean)
