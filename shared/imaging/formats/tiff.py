"""TIFF 6.0, both byte orders: a directory of tags says where strips or tiles of pixels lie. The first page is read."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from shared.errors import NotAnImage
from shared.imaging.formats.model import Format, Header, check_parts

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SAMPLES, _EXTRA = 256, 257, 258, 259, 277, 338
_STRIPS, _ROWS, _STRIP_BYTES = 273, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_PLANES = 284
_TYPES = {1: "B", 3: "H", 4: "I"}
_NEEDED = frozenset(range(256, 260)) | {273, 277, 278, 279, 284, 322, 323, 324, 325, 338}
# None, CCITT, LZW, JPEG, Deflate (twice), PackBits. The old JPEG in TIFF (6) is a known source of crashes.
_COMPRESSIONS = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946})
_UNCOMPRESSED, _JPEG = 1, 7
# A picture of JPEGs has one decoder set up for each, which takes as long as 300 kilobytes of pixels.
_MAX_JPEGS = 10_000
_MAX_BITS, _MAX_SAMPLES = 16, 4
_NO_LIMIT = 2**32 - 1


@dataclass(frozen=True)
class _Page:
    """The tags of the first page that matter here, each as a tuple of whole numbers."""

    tags: dict[int, tuple[int, ...]]

    def one(self, tag: int, default: int) -> int:
        values = self.tags.get(tag, ())
        return values[0] if values else default

    @property
    def size(self) -> tuple[int, int]:
        return self.one(_WIDTH, 0), self.one(_HEIGHT, 0)

    @property
    def piece(self) -> tuple[int, int]:
        """Width and height of one strip or tile."""
        width, height = self.size
        if _TILES in self.tags:
            return self.one(_TILE_WIDTH, 0), self.one(_TILE_HEIGHT, 0)
        return width, min(self.one(_ROWS, _NO_LIMIT), height)

    @property
    def bits_per_pixel(self) -> int:
        return max(self.tags.get(_BITS, (1,))) * self.one(_SAMPLES, 1)


def _directory(data: bytes) -> tuple[str, int, int]:
    """Returns the byte order, where the first directory is, and its number of tags."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    return order, at, count


def _page(data: bytes) -> _Page:
    order, at, count = _directory(data)
    tags: dict[int, tuple[int, ...]] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from(order + "H", data, entry)
        # The decoder takes the first one of a tag as well; if it read another than we, our check would mean nothing.
        if tag in _NEEDED and tag not in tags:
            tags[tag] = _values(data, order, entry)
    return _Page(tags)


def _values(data: bytes, order: str, entry: int) -> tuple[int, ...]:
    """Reads the values of one entry of the directory."""
    tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
    if kind not in _TYPES or not count:
        raise NotAnImage(f"This TIFF is broken: tag {tag} has {count:,} values of type {kind}, which is not read.")
    check_parts("TIFF", count)
    length = count * struct.calcsize(_TYPES[kind])
    where = entry + 8 if length <= 4 else struct.unpack_from(order + "I", data, entry + 8)[0]
    if where + length > len(data):
        raise NotAnImage(f"This TIFF is broken or cut off: tag {tag} points outside of the file.")
    return struct.unpack_from(f"{order}{count}{_TYPES[kind]}", data, where)


def _matches(data: bytes) -> bool:
    return data[:4] in {b"II*\x00", b"MM\x00*"}


def _read(data: bytes) -> Header:
    page = _page(data)
    width, height = page.size
    piece = page.piece[0] * page.piece[1]
    deep = max(page.tags.get(_BITS, (1,))) > 8
    alpha = page.one(_EXTRA, 0) in {1, 2} and page.one(_SAMPLES, 1) in {2, 4}
    whole = width * height * (4 if alpha else 3) * (2 if alpha and deep else 1)
    # The picture, and beside it one piece as it is stored and once more as four samples of up to two bytes.
    memory = max(2 * whole, whole + piece * (page.bits_per_pixel // 8 + (8 if deep else 4)))
    return Header("TIFF", width, height, alpha=alpha, memory=memory)


def _check(data: bytes, header: Header) -> None:
    page = _page(data)
    bits, samples = max(page.tags.get(_BITS, (1,))), page.one(_SAMPLES, 1)
    if bits > _MAX_BITS or not 1 <= samples <= _MAX_SAMPLES:
        raise NotAnImage(
            f"This TIFF has {samples} samples of {bits} bits a pixel."
            f" Up to {_MAX_SAMPLES} of up to {_MAX_BITS} are read."
        )
    if (compression := page.one(_COMPRESSION, _UNCOMPRESSED)) not in _COMPRESSIONS:
        raise NotAnImage(f"This TIFF is compressed by method {compression}, which is not read.")
    _check_pieces(data, header, page)


def _check_pieces(data: bytes, header: Header, page: _Page) -> None:
    """Every strip or tile that the size asks for must be there, inside the file and long enough."""
    offsets = page.tags.get(_TILES, page.tags.get(_STRIPS, ()))
    lengths = page.tags.get(_TILE_BYTES, page.tags.get(_STRIP_BYTES, ()))
    width, height = page.piece
    if not width or not height:
        raise NotAnImage("This TIFF is broken: its strips or tiles have no size.")
    expected = -(-header.width // width) * -(-header.height // height)
    if page.one(_PLANES, 1) == 2:
        expected *= page.one(_SAMPLES, 1)
    if min(len(offsets), len(lengths)) < expected:
        raise NotAnImage(f"This TIFF is broken: it needs {expected:,} strips or tiles and lists {len(offsets):,}.")
    if any(at + length > len(data) for at, length in zip(offsets, lengths, strict=False)):
        raise NotAnImage("This TIFF is cut off: a strip or tile lies outside of the file. Send the whole file.")
    if page.one(_COMPRESSION, _UNCOMPRESSED) == _JPEG:
        check_parts("TIFF", expected, _MAX_JPEGS)
        # A few bytes may be much work to a decoder of JPEG, but not a whole file of them again and again.
        if sum(lengths) > len(data):
            raise NotAnImage("This TIFF is broken: its strips or tiles are longer than the file.")
    if page.one(_COMPRESSION, _UNCOMPRESSED) == _UNCOMPRESSED:
        least = header.pixels * page.bits_per_pixel // 8
        if sum(lengths) < least:
            raise NotAnImage(f"This TIFF is cut off: it needs {least:,} bytes of pixels and has {sum(lengths):,}.")


def _clean(data: bytes) -> bytes:
    """Makes the first page the last, so that a chain of pages is not walked."""
    _, at, count = _directory(data)
    link = at + 2 + 12 * count
    return data[:link] + bytes(4) + data[link + 4 :]


TIFF = Format("TIFF", _matches, _read, _check, _clean)
