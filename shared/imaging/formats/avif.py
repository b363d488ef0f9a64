"""AVIF (AV1 in HEIF, ISO/IEC 23008-12): nested boxes; the size lies in `ispe` boxes, one an item, grids included."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from shared.errors import NotAnImage
from shared.imaging.formats.model import Format, Header

_BRANDS = frozenset({b"avif", b"avis"})
# The boxes on the way to the properties, and how many bytes of a version field their content begins with.
_PARENTS = {b"meta": 4, b"iprp": 0, b"ipco": 0}
_MAX_BOXES = 10_000
# Measured with OpenCV 5.0.0: the decoder keeps several planes of its own, twice as large above 8 bits a sample.
_BYTES_PER_PIXEL, _DEEP_BYTES_PER_PIXEL = 17, 34
_DEEP = 0x40


def _matches(data: bytes) -> bool:
    if data[4:8] != b"ftyp":
        return False
    size = int.from_bytes(data[:4], "big")
    brands = data[8:12] + data[16 : min(size, 512)]
    return any(brands[at : at + 4] in _BRANDS for at in range(0, len(brands), 4))


def _boxes(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Walks the boxes between two places, going into `_PARENTS`: type, start and end of the content of each."""
    while position + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        stop = position + size if size else end
        if stop < start or stop > end:
            raise NotAnImage("This AVIF is broken or cut off: a box does not fit in the file.")
        if kind in _PARENTS:
            yield from _boxes(data, start + _PARENTS[kind], stop)
        else:
            yield kind, start, stop
        position = stop


def _read(data: bytes) -> Header:
    width = height = 0
    alpha, deep = False, False
    for count, (kind, start, stop) in enumerate(_boxes(data, 0, len(data))):
        if count > _MAX_BOXES:
            raise NotAnImage(f"This AVIF has more than {_MAX_BOXES:,} boxes. It looks crafted.")
        if kind == b"ispe":
            sides = struct.unpack_from(">II", data, start + 4)
            width, height = max((width, height), sides, key=lambda pair: pair[0] * pair[1])
        elif kind == b"auxC":
            alpha = alpha or b"alpha" in data[start:stop]
        elif kind == b"av1C":
            deep = deep or bool(data[start + 2] & _DEEP)
    per_pixel = _DEEP_BYTES_PER_PIXEL if deep else _BYTES_PER_PIXEL
    return Header("AVIF", width, height, alpha=alpha, memory=width * height * per_pixel)


def _check(data: bytes, header: Header) -> None:
    if not any(kind in {b"mdat", b"idat"} for kind, _, _ in _boxes(data, 0, len(data))):
        raise NotAnImage(
            f"This AVIF is broken: its header says {header.width} x {header.height} pixels, but it has no picture data."
        )


AVIF = Format("AVIF", _matches, _read, _check)
