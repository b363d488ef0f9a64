"""AVIF files made box by box, so that their tables can say anything."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate

import numpy as np

from shared.imaging.formats.boxes import boxes, items
from tests.support import pictures

_BRANDS = b"avif" + bytes(4) + b"avifmif1miaf"


def box(kind: bytes, *parts: bytes) -> bytes:
    """Returns a box around some bytes."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    """Returns a box with a version."""
    return box(kind, struct.pack(">I", version << 24), *parts)


def ispe(width: int, height: int) -> bytes:
    """Returns a box that claims a size."""
    return full(b"ispe", struct.pack(">II", width, height))


@cache
def flat(side: int) -> tuple[bytes, bytes]:
    """Returns the AV1 data of a grey square of few bytes, and the box that describes it."""
    data = pictures.encode(".avif", np.full((side, side, 3), 90, np.uint8))
    found = boxes(data)
    described = next(each for each in found if each.kind == b"av1C")
    return next(items(data, found, b"av01")), box(b"av1C", data[described.start : described.end])


def grid(rows: int, columns: int, claimed: int, made: int, tile: int) -> bytes:
    """Returns a picture of flat square tiles.

    Args:
        claimed: the side that the header says.
        made: the side that the grid is put together to.
        tile: the side of each tile.
    """
    coded, described = flat(tile)
    layout = struct.pack(">4B2I", 0, 1, rows - 1, columns - 1, made, made)
    tiles = range(2, rows * columns + 2)
    refers = box(b"dimg", struct.pack(f">HH{len(tiles)}H", 1, len(tiles), *tiles))
    contents = {1: (b"grid", layout)} | dict.fromkeys(tiles, (b"av01", coded))
    properties = {1: (1,)} | dict.fromkeys(tiles, (2, 3))
    sizes = ispe(claimed, claimed), ispe(tile, tile)
    return heif(contents, [*sizes, described], properties, full(b"iref", refers))


def still(coded: bytes, side: int, more: Mapping[bytes, bytes] | None = None) -> bytes:
    """Returns a picture of one item; `more` is put behind what is in a table."""
    return heif({1: (b"av01", coded)}, [ispe(side, side), flat(64)[1]], {1: (1, 2)}, more=more or {})


def heif(
    contents: Mapping[int, tuple[bytes, bytes]],
    sizes: Sequence[bytes],
    properties: Mapping[int, Sequence[int]],
    refers: bytes = b"",
    more: Mapping[bytes, bytes] | None = None,
) -> bytes:
    """Returns a file whose first item is the picture.

    Args:
        contents: by the number of an item its type and data.
        sizes: all properties, as boxes.
        properties: by the number of an item which of these it has, from 1 on.
        refers: the box of references.
    """
    extra = more or {}
    listed = [
        full(b"infe", struct.pack(">HH4sx", number, 0, kind), version=2) for number, (kind, _) in contents.items()
    ]
    has = [struct.pack(f">HB{len(of)}B", number, len(of), *of) for number, of in properties.items()]
    datas = [data for _, data in contents.values()]

    def meta(start: int) -> bytes:
        places = accumulate((len(data) for data in datas[:-1]), initial=start)
        located = [
            struct.pack(">HHHII", number, 0, 1, place, len(data))
            for number, place, data in zip(contents, places, datas, strict=True)
        ]
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", 1)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(located)), *located, extra.get(b"iloc", b"")),
            full(b"iinf", struct.pack(">H", len(listed)), *listed, extra.get(b"iinf", b"")),
            refers + extra.get(b"iref", b""),
            box(
                b"iprp",
                box(b"ipco", *sizes),
                full(b"ipma", struct.pack(">I", len(has)), *has, extra.get(b"ipma", b"")),
            ),
        )

    start = box(b"ftyp", _BRANDS)
    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", *datas)
