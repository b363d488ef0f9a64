"""The small copy of a picture that the pages show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2

_QUALITY = 80


def thumbnail(image: NDArray[np.uint8], max_side: int = 480) -> bytes:
    """Draws a small copy of a picture; one that is small already keeps its size.

    Args:
        image: pixels of shape (height, width, 3), uint8, RGB.
        max_side: longest side of the copy in pixels.

    Returns:
        A WebP file, without any metadata.
    """
    height, width = image.shape[:2]
    shrink = min(1.0, max_side / max(height, width))
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
    return encoded.tobytes()
