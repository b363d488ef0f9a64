"""Tiny pictures of every format, and hostile ones, all made here: no file of anybody else's is kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

HTML = b"<!DOCTYPE html>\n<html><head><title>Not found</title></head><body>404</body></html>\n"
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>\n'
EMPTY = b""


def photo(width: int = 48, height: int = 32, seed: int = 0) -> Pixels:
    """Returns soft random colours as a photo has them, uint8 RGB (height, width, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def quarters(width: int = 48, height: int = 32) -> Pixels:
    """Returns red, green, blue and yellow quarters from the top left on, uint8 RGB (height, width, 3)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    top, left = height // 2, width // 2
    pixels[:top, :left], pixels[:top, left:] = (255, 0, 0), (0, 255, 0)
    pixels[top:, :left], pixels[top:, left:] = (0, 0, 255), (255, 255, 0)
    return pixels


def encode(extension: str, pixels: NDArray[np.integer[Any]], *params: int) -> bytes:
    """Encodes RGB, RGBA or grey pixels with OpenCV; `params` are its pairs of flag and value."""
    return cv2.imencode(extension, bgr(pixels), params)[1].tobytes()


def bgr(pixels: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Returns RGB or RGBA pixels with blue first, as OpenCV wants them; grey ones as they are."""
    return pixels if pixels.ndim == 2 else pixels[:, :, (2, 1, 0, 3)[: pixels.shape[2]]]


def with_alpha(pixels: Pixels) -> Pixels:
    """Makes the lower half of a picture invisible."""
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    alpha[len(alpha) // 2 :] = 0
    return np.dstack([pixels, alpha])


def exif(orientation: int) -> bytes:
    """Returns EXIF data that says nothing but the orientation."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def oriented(extension: str, pixels: Pixels, orientation: int, prefix: bytes = b"") -> bytes:
    """Encodes a picture with an EXIF orientation, as a camera held sideways does."""
    metadata = np.frombuffer(prefix + exif(orientation), np.uint8)
    params = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == ".webp" else []
    kinds = [cv2.IMAGE_METADATA_EXIF]
    return cv2.imencodeWithMetadata(extension, bgr(pixels), kinds, [metadata], params)[1].tobytes()


def animated(extension: str, frames: Sequence[Pixels]) -> bytes:
    """Encodes RGB frames as an animated GIF, WebP, PNG or AVIF."""
    animation = cv2.Animation()
    animation.frames = [bgr(frame) for frame in frames]
    animation.durations = [100] * len(frames)
    return cv2.imencodeanimation(extension, animation)[1].tobytes()


def chunk(kind: bytes, payload: bytes) -> bytes:
    """Returns one PNG chunk with its checksum."""
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(width: int, height: int, depth: int, color: int, rows: bytes, *extra: bytes) -> bytes:
    """Returns a PNG of any kind; `rows` with their filter bytes, `extra` chunks go before the picture data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return PNG_SIGNATURE + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def palette_png() -> bytes:
    """Returns a PNG of 4 x 2 pixels: red above, blue below, from a palette whose blue is invisible."""
    palette = chunk(b"PLTE", bytes((255, 0, 0, 0, 0, 255)))
    return png(4, 2, 8, 3, bytes(5) + bytes((0, 1, 1, 1, 1)), palette, chunk(b"tRNS", bytes((255, 0))))


def _segment(code: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload


def _jpeg(width: int, height: int, components: int, coded: bytes, *extra: bytes) -> bytes:
    """Returns a baseline JPEG around entropy-coded data: code 0 is "no difference", code 1 0 is "no more"."""
    numbers = range(1, components + 1)
    frame = struct.pack(">BHHB", 8, height, width, components) + b"".join(bytes((n, 0x11, 0)) for n in numbers)
    scan = bytes((components,)) + b"".join(bytes((n, 0)) for n in numbers) + bytes((0, 63, 0))
    # One code of one bit, for the value 0: no difference in DC, end of block in AC.
    table = bytes((1, *[0] * 15, 0))
    parts = (
        *extra,
        _segment(0xDB, bytes((0, *[1] * 64))),
        _segment(0xC0, frame),
        _segment(0xC4, b"\x00" + table),
        _segment(0xC4, b"\x10" + table),
        _segment(0xDA, scan),
    )
    return b"\xff\xd8" + b"".join(parts) + coded + b"\xff\xd9"


def cmyk_jpeg() -> bytes:
    """Returns a JPEG of 8 x 8 pixels of half cyan, magenta, yellow and black, stored as Photoshop does, inverted."""
    adobe = _segment(0xEE, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, 0))
    return _jpeg(8, 8, 4, b"\x00", adobe)


def huge_jpeg() -> bytes:
    """Returns 304 bytes that claim to be 56,321 x 7,789 pixels: 2.6 GB for a decoder that believes it."""
    bare = _jpeg(56_321, 7_789, 3, b"\x00" * 16)
    return _jpeg(56_321, 7_789, 3, b"\x00" * 16, _segment(0xFE, bytes(304 - len(bare) - 4)))


def hungry_jpeg(width: int = 7_000, height: int = 7_000) -> bytes:
    """Returns a few hundred bytes whose size is allowed and whose picture data is missing."""
    return _jpeg(width, height, 3, b"\x00" * 16)


def huge_chunk_png() -> bytes:
    """Returns 41 bytes: a PNG whose second chunk claims 4 GB."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return PNG_SIGNATURE + header + struct.pack(">I4s", 2**32 - 1, b"IDAT")


def truncated_jpeg() -> bytes:
    """Returns the first two thirds of a photo."""
    whole = encode(".jpg", photo())
    return whole[: len(whole) * 2 // 3]


def apng() -> bytes:
    """Returns an animated PNG of two frames, the first one red."""
    red, blue = (np.full((8, 8, 3), color, np.uint8) for color in ((255, 0, 0), (0, 0, 255)))
    return animated(".png", [red, blue])


@cache
def every_kind() -> dict[str, bytes]:
    """Returns good pictures of every format and of the kinds that take another way through the decoders."""
    color, grey = photo(), photo()[:, :, 0]
    deep = color.astype(np.uint16) * 257
    frames = [photo(seed=1), photo(seed=2)]
    return {
        "jpeg": encode(".jpg", color),
        "jpeg-grey": encode(".jpg", grey),
        "jpeg-progressive": encode(".jpg", color, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        "jpeg-restarts": encode(".jpg", color, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        "jpeg-444": encode(".jpg", color, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111),
        "jpeg-exif": oriented(".jpg", color, 6),
        "jpeg-cmyk": cmyk_jpeg(),
        "png": encode(".png", color),
        "png-grey": encode(".png", grey),
        "png-alpha": encode(".png", with_alpha(color)),
        "png-deep": encode(".png", deep),
        "png-bilevel": encode(".png", grey, cv2.IMWRITE_PNG_BILEVEL, 1),
        "png-palette": palette_png(),
        "apng": animated(".png", frames),
        "webp": encode(".webp", color, cv2.IMWRITE_WEBP_QUALITY, 80),
        "webp-lossless": encode(".webp", color),
        "webp-alpha": encode(".webp", with_alpha(color), cv2.IMWRITE_WEBP_QUALITY, 80),
        "webp-exif": oriented(".webp", color, 6),
        "webp-animated": animated(".webp", frames),
        "gif": encode(".gif", color),
        "gif-alpha": encode(".gif", with_alpha(color)),
        "gif-animated": animated(".gif", frames),
        "bmp": encode(".bmp", color),
        "bmp-grey": encode(".bmp", grey),
        "bmp-alpha": encode(".bmp", with_alpha(color)),
        "tiff": encode(".tiff", color),
        "tiff-plain": encode(".tiff", color, cv2.IMWRITE_TIFF_COMPRESSION, 1),
        "tiff-deflate": encode(".tiff", color, cv2.IMWRITE_TIFF_COMPRESSION, 8),
        "tiff-packbits": encode(".tiff", grey, cv2.IMWRITE_TIFF_COMPRESSION, 32773),
        "tiff-jpeg": encode(".tiff", color, cv2.IMWRITE_TIFF_COMPRESSION, 7),
        "tiff-deep": encode(".tiff", deep),
        "tiff-alpha": encode(".tiff", with_alpha(color)),
        "avif": encode(".avif", color),
        "avif-grey": encode(".avif", grey),
        "avif-alpha": encode(".avif", with_alpha(color)),
        "avif-animated": animated(".avif", frames),
    }
