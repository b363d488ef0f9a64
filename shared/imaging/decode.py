"""From the bytes of a picture to its pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.errors import NotAnImage
from shared.imaging.alpha import decode_on_white
from shared.imaging.formats import FORMATS
from shared.imaging.formats.model import Header
from shared.imaging.header import inspect
from shared.imaging.opencv import cv2

# libjpeg can leave out high frequencies and give a half, a quarter or an eighth of each side at a fraction of the cost.
# OpenCV has no names for these in RGB: the size is one flag, and the order of the colours another.
_REDUCED = {
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8 | cv2.IMREAD_COLOR_RGB,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4 | cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2 | cv2.IMREAD_COLOR_RGB,
}


def decode(
    data: bytes, *, max_pixels: int, min_side: int | None = None, header: Header | None = None
) -> NDArray[np.uint8]:
    """Decodes a picture of any supported format, kind and depth.

    The EXIF orientation is applied, transparent parts show white, of an animation the first frame is taken.

    Args:
        data: the whole file.
        max_pixels: most pixels it may claim, see `inspect`.
        min_side: the shorter side that is wanted at least. A larger JPEG is then decoded at a half, a quarter or an
            eighth of its size, the smallest that still has it. None decodes in full.
        header: what `inspect` said of these bytes, for who has asked it already; it costs a fifth of a small picture.

    Returns:
        Pixels of shape (height, width, 3), uint8, RGB.

    Raises:
        NotAnImage: it is not one of the formats Loupe reads, or broken, or cut off.
        TooManyPixels: it claims too many pixels.
    """
    header = header or inspect(data, max_pixels=max_pixels)
    cleaned = np.frombuffer(FORMATS[header.format].clean(data), np.uint8)
    try:
        image = decode_on_white(cleaned) if header.alpha else _decode_opaque(cleaned, _flags(header, min_side))
    except (cv2.error, MemoryError) as error:
        raise _unreadable(header) from error
    if image is None:
        raise _unreadable(header)
    return image


def _decode_opaque(data: NDArray[np.uint8], flags: int) -> NDArray[np.uint8] | None:
    image = cv2.imdecode(data, flags)
    return None if image is None else np.asarray(image, np.uint8)


def _flags(header: Header, min_side: int | None) -> int:
    if header.format == "JPEG" and min_side is not None:
        short = min(header.width, header.height)
        for divisor, flags in _REDUCED.items():
            # libjpeg rounds a reduced side up.
            if -(-short // divisor) >= min_side:
                return flags
    return cv2.IMREAD_COLOR_RGB


def _unreadable(header: Header) -> NotAnImage:
    return NotAnImage(
        f"This {header.format}, {header.width} x {header.height} pixels by its header, is broken or of a kind that"
        " cannot be read. Open it and save it again, or send it as a plain JPEG or PNG."
    )
