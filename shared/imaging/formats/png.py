"""PNG (ISO/IEC 15948): a signature, then chunks of length, type, data and CRC-32. APNG: the still picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shared.errors import NotAnImage
from shared.imaging.formats.model import Format, Header, check_parts

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MAX_CHUNK = 2**31 - 1
# Samples a pixel by colour type: grey, RGB, palette, grey with alpha, RGB with alpha.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Deflate cannot pack better than this (RFC 1951: 258 bytes for 2 bits), so less data than this means a cut-off file.
_BEST_DEFLATE = 1032
# What the pixels depend on, and the orientation. Colour profiles, texts and animation are work for an attacker only.
_PIXELS, _ORIENTATION = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}), b"eXIf"
# libpng inflates the picture data to its end, however few rows there are: 20 MiB to 21 GB, for a minute. What cannot
# become more than this is inflated within half a second.
_MOST_AFTER = 2**28
# Read in pieces, whose inflated bytes are thrown away.
_PACKED_PIECE, _INFLATED_PIECE = 2**14, 2**18


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    end: int


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Walks the chunks up to and with IEND; what comes after it is ignored, as browsers do."""
    position, count = len(_SIGNATURE), 0
    while position + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if length > _MAX_CHUNK or end > len(data):
            left = len(data) - position - 12
            raise NotAnImage(f"This PNG is broken or cut off: a chunk claims {length:,} bytes where {left:,} are left.")
        count += 1
        check_parts("PNG", count)
        yield _Chunk(kind, position, end)
        if kind == b"IEND":
            return
        position = end
    raise NotAnImage("This PNG is cut off: its end chunk is missing. Send the whole file.")


def _ihdr(data: bytes) -> tuple[int, int, int, int]:
    length, kind, width, height, depth, color = struct.unpack_from(">I4sIIBB", data, len(_SIGNATURE))
    if (length, kind) != (13, b"IHDR") or color not in _SAMPLES or depth not in {1, 2, 4, 8, 16}:
        raise NotAnImage("This PNG is broken: it does not begin with a valid header chunk.")
    return width, height, depth, color


def _matches(data: bytes) -> bool:
    return data.startswith(_SIGNATURE)


def _read(data: bytes) -> Header:
    width, height, depth, color = _ihdr(data)
    alpha = color in {4, 6} or b"tRNS" in data
    per_pixel = 2 * (4 if alpha else 3) * (2 if alpha and depth == 16 else 1)
    return Header("PNG", width, height, alpha=alpha, memory=width * height * per_pixel)


def _check(data: bytes, header: Header) -> None:
    _, _, depth, color = _ihdr(data)
    parts = []
    for chunk in _chunks(data):
        if chunk.kind in _PIXELS:
            _check_crc(data, chunk)
        if chunk.kind == b"IDAT":
            parts.append(range(chunk.start + 8, chunk.end - 4))
    bits = depth * _SAMPLES[color]
    packed, least = sum(map(len, parts)), header.pixels * bits // 8 // _BEST_DEFLATE
    if packed < max(least, 1):
        raise NotAnImage(
            f"This PNG is cut off: {header.width} x {header.height} pixels need at least {least:,} bytes"
            f" of picture data, and it has {packed:,}. Send the whole file."
        )
    # Each row has a byte before it; the rows of an interlaced picture are shorter, and up to twice as many.
    _check_inflated(data, parts, 2 * header.height * (header.width * bits // 8 + 2))


def _check_crc(data: bytes, chunk: _Chunk) -> None:
    with memoryview(data) as view:
        expected = zlib.crc32(view[chunk.start + 4 : chunk.end - 4])
    if expected != int.from_bytes(data[chunk.end - 4 : chunk.end], "big"):
        name = chunk.kind.decode("ascii")
        raise NotAnImage(f"This PNG is damaged: the checksum of its {name} chunk is wrong. Send it again.")


def _check_inflated(data: bytes, parts: Sequence[range], most: int) -> None:
    """Refuses picture data that becomes more than `most` bytes; looks only as far as what is left may be harmful."""
    inflater, left, inflated = zlib.decompressobj(), sum(map(len, parts)), 0
    for piece in (part[at : at + _PACKED_PIECE] for part in parts for at in range(0, len(part), _PACKED_PIECE)):
        if left * _BEST_DEFLATE <= _MOST_AFTER or inflater.eof:
            return
        left -= len(piece)
        packed = data[piece.start : piece.stop]
        while packed:
            try:
                inflated += len(inflater.decompress(packed, _INFLATED_PIECE))
            except zlib.error:
                # It is broken here for libpng as well, which ends with it.
                return
            packed = inflater.unconsumed_tail
            if inflated > most:
                raise NotAnImage(
                    f"This PNG is broken: it holds more than {most:,} bytes of pixels, twice what its size needs."
                )


def _clean(data: bytes) -> bytes:
    kept, oriented = [], False
    for chunk in _chunks(data):
        if chunk.kind in _PIXELS or (chunk.kind == _ORIENTATION and not oriented):
            kept.append(data[chunk.start : chunk.end])
            oriented = oriented or chunk.kind == _ORIENTATION
    return _SIGNATURE + b"".join(kept)


PNG = Format("PNG", _matches, _read, _check, _clean)
