"""Boxes of the ISO base media file format (ISO/IEC 14496-12), and where HEIF keeps the data of each item."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.errors import NotAnImage
from shared.imaging.formats.model import check_parts

# The boxes on the way to what matters, one in the other, and the bytes before the first box inside.
_PARENTS = ({b"meta": 4}, {b"iprp": 0, b"iinf": 6}, {b"ipco": 0})
_IN_FILE, _IN_IDAT = 0, 1
# A good picture has some dozens of boxes, one of a thousand tiles some thousands.
_MAX_BOXES = 5_000
# Each entry of these may name an item that was not there yet, and libavif looks for it among all: for 200,000 of them
# that takes minutes. A thousand tiles take half of this.
_TABLES, _MAX_TABLE = frozenset({b"iloc", b"iref", b"ipma", b"iinf", b"grpl"}), 2**15


class Box(NamedTuple):
    """A box: its type, and where its content starts and ends."""

    kind: bytes
    start: int
    end: int


def boxes(data: bytes) -> list[Box]:
    """Lists the boxes of an AVIF file, those inside `meta`, its item list and its properties included.

    Raises:
        NotAnImage: a box does not fit in the file, or there are far too many.
    """
    found: list[Box] = []
    for box in _walk(data, 0, len(data), 0):
        found.append(box)
        check_parts("AVIF", len(found), _MAX_BOXES)
    return found


def check_tables(found: Sequence[Box]) -> None:
    """Refuses a file whose lists of items are longer than any good picture's.

    Raises:
        NotAnImage: one of them is.
    """
    for box in found:
        if box.kind in _TABLES and box.end - box.start > _MAX_TABLE:
            name = box.kind.decode("ascii")
            raise NotAnImage(f"This AVIF has a {name} box of more than {_MAX_TABLE:,} bytes. It looks crafted.")


def _walk(data: bytes, position: int, end: int, depth: int) -> Iterator[Box]:
    parents = _PARENTS[depth] if depth < len(_PARENTS) else {}
    while position + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        stop = position + size if size else end
        if stop < start or stop > end:
            raise NotAnImage("This AVIF is broken or cut off: a box does not fit in the file.")
        yield Box(kind, start, stop)
        if kind in parents:
            # A list of items has a longer count from version 1 on.
            wide = 2 if kind == b"iinf" and data[start] else 0
            yield from _walk(data, start + parents[kind] + wide, stop, depth + 1)
        position = stop


def items(data: bytes, found: list[Box], kind: bytes) -> Iterator[bytes]:
    """Yields the data of each item of a type, such as `av01`, put together from its extents.

    Raises:
        NotAnImage: together they are longer than the file: the same bytes are used again and again.
    """
    left = len(data)
    idat = next((box for box in found if box.kind == b"idat"), None)
    wanted = {_item_id(data, box.start) for box in found if box.kind == b"infe" and _item_kind(data, box.start) == kind}
    for box in found:
        if box.kind == b"iloc":
            for item, method, extents in _locations(data, box.start):
                base = idat.start if method == _IN_IDAT and idat else 0
                if item not in wanted or method not in {_IN_FILE, _IN_IDAT}:
                    continue
                for at, length in extents:
                    left -= length or max(0, len(data) - base - at)
                if left < 0:
                    raise NotAnImage("This AVIF is broken: its items are longer than the file.")
                yield b"".join(data[base + at : base + at + length if length else None] for at, length in extents)


def _item_id(data: bytes, start: int) -> int:
    return int.from_bytes(data[start + 4 : start + (8 if data[start] > 2 else 6)], "big")


def _item_kind(data: bytes, start: int) -> bytes:
    at = start + (10 if data[start] > 2 else 8)
    return data[at : at + 4]


def _locations(data: bytes, start: int) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Reads an `iloc` box: of each item its number, how it is kept, and the place and length of its extents."""
    version, sizes = data[start], struct.unpack_from(">H", data, start + 4)[0]
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    number_size = 4 if version > 1 else 2
    cursor, count = _Cursor(data, start + 6), 0
    for _ in range(cursor.read(number_size)):
        item = cursor.read(number_size)
        method = cursor.read(2) & 15 if version else _IN_FILE
        cursor.read(2)
        base = cursor.read(base_size)
        extents = []
        for _ in range(cursor.read(2)):
            count += 1
            check_parts("AVIF", count)
            cursor.read(index_size)
            extents.append((base + cursor.read(offset_size), cursor.read(length_size)))
        yield item, method, extents


class _Cursor:
    """Reads whole numbers of any number of bytes, one after the other."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position

    def read(self, size: int) -> int:
        end = self._position + size
        if end > len(self._data):
            raise IndexError("The list of items ends too early.")
        value = int.from_bytes(self._data[self._position : end], "big")
        self._position = end
        return value
