"""Drawing with OpenCV: matplotlib alone would take a third of an import's memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2

Color = tuple[int, int, int]

PAPER: Color = (255, 255, 255)
INK: Color = (38, 38, 43)
FAINT: Color = (122, 122, 130)
TEXT_SIZE = 15


class Canvas:
    """A white picture to draw on.

    Attributes:
        pixels: RGB (height, width, 3), uint8.
    """

    def __init__(self, width: int, height: int) -> None:
        self.pixels: NDArray[np.uint8] = np.full((height, width, 3), PAPER, np.uint8)
        self._font = cv2.FontFace("sans")

    def box(self, left: int, top: int, width: int, height: int, color: Color) -> None:
        """Fills a rectangle."""
        self.pixels[top : top + height, left : left + width] = color

    def text(self, text: str, left: int, base: int, color: Color = INK, *, room: int = 10_000) -> None:
        """Writes one line, its base line at `base`; what does not fit into `room` pixels is cut off."""
        cv2.putText(self.pixels, self._cut(text, room), (left, base), color, self._font, TEXT_SIZE)

    def width_of(self, text: str) -> int:
        """Returns how many pixels a line takes."""
        left, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, TEXT_SIZE)
        return int(left + width)

    def place(self, picture: NDArray[np.uint8], left: int, top: int, side: int) -> None:
        """Draws a picture into a square, in the middle and whole."""
        height, width = picture.shape[:2]
        factor = side / max(height, width)
        size = max(1, round(width * factor)), max(1, round(height * factor))
        how = cv2.INTER_AREA if factor < 1 else cv2.INTER_NEAREST
        small = cv2.resize(picture, size, interpolation=how)
        x, y = left + (side - size[0]) // 2, top + (side - size[1]) // 2
        self.pixels[y : y + size[1], x : x + size[0]] = small

    def encoded(self, extension: str, *params: int) -> bytes:
        """Returns the picture as a file, `.png` or `.webp`."""
        return cv2.imencode(extension, cv2.cvtColor(self.pixels, cv2.COLOR_RGB2BGR), params)[1].tobytes()

    def _cut(self, text: str, room: int) -> str:
        line = " ".join(text.split())
        if self.width_of(line) <= room:
            return line
        while line and self.width_of(line + "…") > room:
            line = line[:-1]
        return line + "…"
