"""The EXIF orientation (CIPA DC-008, tag 0x0112), for pictures that OpenCV decodes without turning them."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2

_TAG = 0x0112
# Each orientation as "swap rows and columns" and then OpenCV's code of a flip, None for no flip.
_TURNS: dict[int, tuple[bool, int | None]] = {
    2: (False, 1),
    3: (False, -1),
    4: (False, 0),
    5: (True, None),
    6: (True, 1),
    7: (True, -1),
    8: (True, 0),
}


def orientation(exif: bytes) -> int:
    """Reads the orientation from EXIF data, which is a TIFF header and a directory of tags; 1 where there is none."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, entry)
            if tag == _TAG:
                return int(value)
    except struct.error:
        return 1
    return 1


def turn(image: NDArray[np.uint8], how: int) -> NDArray[np.uint8]:
    """Turns and mirrors pixels of shape (height, width, channels) as the orientation says; 1 and unknown ones not."""
    swap, flip = _TURNS.get(how, (False, None))
    if swap:
        image = np.asarray(cv2.transpose(image), np.uint8)
    return image if flip is None else np.asarray(cv2.flip(image, flip), np.uint8)
