"""Pictures with transparent parts: they are put on white, as a person sees them on a page.

OpenCV on its own drops the alpha channel, and what was invisible shows: most often black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from shared.imaging.orientation import orientation, turn

# Rows blended at a time, so that the wider numbers of the blend stay small beside the picture.
_ROWS = 64
_RED_FIRST = (2, 1, 0)


def decode_on_white(data: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Decodes a picture with its alpha channel and blends it with white.

    Args:
        data: the bytes of the file.

    Returns:
        Pixels of shape (height, width, 3), uint8, RGB, turned as EXIF says; None where OpenCV cannot read it.
    """
    image, kinds, metadata = cv2.imdecodeWithMetadata(data, flags=cv2.IMREAD_UNCHANGED)
    if image is None:
        return None
    exif = [part.tobytes() for kind, part in zip(kinds, metadata, strict=True) if kind == cv2.IMAGE_METADATA_EXIF]
    return turn(_blend(np.asarray(image)), orientation(exif[0]) if exif else 1)


def _blend(image: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Blends BGRA with white; OpenCV may also give grey or BGR, where a file only claims to have alpha."""
    pixels = image.reshape(*image.shape[:2], -1)
    height, width, channels = pixels.shape
    blended = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _ROWS):
        rows = _eight_bits(pixels[top : top + _ROWS]).astype(np.uint16)
        color = rows[:, :, _RED_FIRST] if channels >= 3 else rows[:, :, :1]
        if channels == 4:
            alpha = rows[:, :, 3:]
            color = (color * alpha + 255 * (255 - alpha) + 127) // 255
        blended[top : top + _ROWS] = color
    return blended


def _eight_bits(rows: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.right_shift(rows.view(np.uint16), 8) if rows.dtype == np.uint16 else rows
