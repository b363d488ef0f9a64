"""From a file to pixels, and to a small copy, as many at a time as memory has room for."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from shared.imaging import Header, PixelBudget, decode, inspect, least_side, thumbnail
from worker.outcome import Seen

# The longest side of what the model sees for a small copy to be drawn of it, where the picture is as large.
LEAST_SIDE = 96


class Decoder:
    """Decodes for all threads of a process.

    Args:
        max_pixels: most pixels a picture may claim.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._budget = PixelBudget()

    def inspect(self, data: bytes) -> Header:
        """Returns what the header of a picture says.

        Raises:
            NotAnImage, TooManyPixels: what came is no picture that Loupe reads.
        """
        return inspect(data, max_pixels=self._max_pixels)

    def decode(self, data: bytes, min_side: int, header: Header) -> NDArray[Any]:
        """Decodes a picture to uint8 RGB (h, w, 3) of at least `min_side`, if it is as large, within the budget.

        Raises:
            NotAnImage: it is broken.
        """
        with self._budget.reserve(header.cost):
            return decode(data, max_pixels=self._max_pixels, min_side=min_side, header=header)

    def small(self, seen: Seen, side: int, least: int) -> bytes:
        """Draws a small JPEG copy of a picture: of what the model saw, or of the file where that is too small.

        Args:
            side: the longest side it may have.
            least: what its longest side should be at least, if the picture is as large.
        """
        image, header = seen.image, seen.header
        if max(image.shape[:2]) < min(least, max(header.width, header.height)):
            image = self.decode(seen.file, least_side(header, side), header)
        return thumbnail(image, side, "JPEG")
