"""WebP (RFC 9649): a RIFF file holding one VP8 or VP8L picture, or an extended header and chunks after it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from shared.errors import NotAnImage
from shared.imaging.formats.model import Format, Header, check_parts
from shared.imaging.formats.vp8l import check_squares

_ANIMATION, _ALPHA, _PROFILE, _XMP = 0x02, 0x10, 0x20, 0x04
# What the pixels depend on, and the orientation.
_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"EXIF"})
# Many programs put this before the EXIF data, as in a JPEG; then OpenCV does not find the orientation.
_EXIF_PREFIX = b"Exif\x00\x00"
# Measured with OpenCV 5.0.0: an animation holds several canvases, a lossless picture one of four bytes a pixel.
_ANIMATED_BYTES_PER_PIXEL, _BYTES_PER_PIXEL = 19, 8
# The header of an animation's frame, and of a lossless picture.
_FRAME_HEADER, _LOSSLESS_HEADER = 16, 5


def _matches(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walks the chunks: their type, and where their data starts and ends."""
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise NotAnImage(f"This WebP is cut off: it claims {size + 8:,} bytes and has {len(data):,}.")
    return _walk(data, 12, size + 8)


def _walk(data: bytes, position: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    count = 0
    while position + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, position)
        start = position + 8
        if start + length > len(data):
            raise NotAnImage(
                f"This WebP is broken: a chunk claims {length:,} bytes and {len(data) - start:,} are left."
            )
        count += 1
        check_parts("WebP", count)
        yield kind, start, start + length
        position = start + length + length % 2


def _read(data: bytes) -> Header:
    kind, start, _ = next(_chunks(data), (b"", 0, 0))
    if kind == b"VP8X":
        flags, low, high = struct.unpack_from("<B3x3s3s", data, start)
        width, height = (int.from_bytes(side, "little") + 1 for side in (low, high))
        per_pixel = _ANIMATED_BYTES_PER_PIXEL if flags & _ANIMATION else _BYTES_PER_PIXEL
        return _header(width, height, bool(flags & (_ALPHA | _ANIMATION)), per_pixel)
    if kind in {b"VP8 ", b"VP8L"}:
        width, height, alpha = _bitstream(data, kind, start)
        return _header(width, height, alpha, _BYTES_PER_PIXEL)
    raise NotAnImage("This WebP is broken: it does not begin with a picture or an extended header.")


def _header(width: int, height: int, alpha: bool, per_pixel: int) -> Header:
    return Header("WebP", width, height, alpha=alpha, memory=width * height * per_pixel)


def _bitstream(data: bytes, kind: bytes, start: int) -> tuple[int, int, bool]:
    """Reads width, height and whether there is alpha from the first bytes of a VP8 or VP8L picture."""
    if kind == b"VP8 ":
        tag, code, width, height = struct.unpack_from("<B2x3sHH", data, start)
        if tag & 1 or code != b"\x9d\x01\x2a":
            raise NotAnImage("This WebP is broken: its picture does not begin with a key frame.")
        return width & 0x3FFF, height & 0x3FFF, False
    signature, bits = struct.unpack_from("<BI", data, start)
    if signature != 0x2F or bits >> 29:
        raise NotAnImage("This WebP is broken: its lossless picture has a wrong signature.")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)


def _check(data: bytes, header: Header) -> None:
    chunks, width, height = list(_chunks(data)), header.width, header.height
    frame = next((chunk for chunk in chunks if chunk[0] == b"ANMF"), None)
    if frame:
        _, start, end = frame
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (start + 6, start + 9))
        chunks = list(_walk(data, start + _FRAME_HEADER, end))
    for kind, start, end in chunks:
        # Transparency may be kept as a lossless picture without a header.
        if kind == b"ALPH" and data[start] & 3 == 1:
            check_squares(data[start + 1 : end], width, height)
        if kind in {b"VP8 ", b"VP8L"}:
            _check_size(data, kind, start, (width, height))
            if kind == b"VP8L":
                check_squares(data[start + _LOSSLESS_HEADER : end], width, height)
            return
    raise NotAnImage("This WebP is broken: it has a header but no picture.")


def _check_size(data: bytes, kind: bytes, start: int, claimed: tuple[int, int]) -> None:
    width, height, _ = _bitstream(data, kind, start)
    if (width, height) != claimed:
        raise NotAnImage(
            f"This WebP is broken: its header says {claimed[0]} x {claimed[1]} pixels, its picture {width} x {height}."
        )


def _clean(data: bytes) -> bytes:
    """Keeps the picture, or the first frame of an animation, and an EXIF orientation that OpenCV can find."""
    body, seen = b"", set[bytes]()
    for kind, start, end in _chunks(data):
        if kind not in _KEPT or kind in seen:
            continue
        seen.add(kind)
        payload = data[start:end]
        if kind == b"EXIF":
            payload = payload.removeprefix(_EXIF_PREFIX)
        elif kind == b"VP8X":
            payload = bytes((payload[0] & ~(_PROFILE | _XMP),)) + payload[1:]
        body += struct.pack("<4sI", kind, len(payload)) + payload + bytes(len(payload) % 2)
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WEBP") + body


WEBP = Format("WebP", _matches, _read, _check, _clean)
