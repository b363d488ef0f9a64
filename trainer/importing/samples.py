"""The sample sheet: a row of pictures for each class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from shared.imaging import decode
from shared.imaging.opencv import cv2
from trainer.importing.canvas import FAINT, Canvas
from trainer.importing.content import Content
from trainer.importing.picture import Picture

SIDE, GAP, NAMES = 88, 6, 150
EACH = 8
MOST_ROWS = 30
QUALITY = 85


def sample_sheet(content: Content, read: Callable[[Picture], bytes], max_pixels: int) -> bytes:
    """Returns a WebP with the first pictures of each class, which are any, because they are in the order of a hash.

    Args:
        read: gets a picture's bytes.
    """
    rows = content.classes[:MOST_ROWS]
    more = len(content.classes) - len(rows)
    width = NAMES + EACH * (SIDE + GAP) + GAP
    canvas = Canvas(width, len(rows) * (SIDE + GAP) + GAP + (24 if more else 0))
    for row, name in enumerate(rows):
        top = GAP + row * (SIDE + GAP)
        canvas.text(name, GAP, top + SIDE // 2 + 5, room=NAMES - 2 * GAP)
        for column, place in enumerate(np.flatnonzero(content.labels == row)[:EACH]):
            picture = decode(read(content.pictures[place]), max_pixels=max_pixels, min_side=SIDE)
            canvas.place(picture, NAMES + column * (SIDE + GAP), top, SIDE)
    if more:
        canvas.text(f"and {more} more classes", GAP, canvas.pixels.shape[0] - 9, FAINT)
    return canvas.encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, QUALITY)
