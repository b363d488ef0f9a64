"""One picture of a source: read, hashed, and decoded once by the function that serving uses, so that it can be read."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shared.datasets.report import Refused
from shared.errors import LoupeError, Unreadable
from shared.imaging import PixelBudget, decode, inspect
from shared.imaging.opencv import cv2
from trainer.datasets.source import Candidate, refused

# A JPEG is decoded at the smallest size that has this short side: every bit of it is read all the same.
LEAST_SIDE = 128
# Pixels in flight: what bounds the memory of an import. A larger picture is decoded alone.
BUDGET = 16_000_000
# 1 is quick; 9 would save a tenth of the bytes and take three times as long.
PNG_PARAMS = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True)
class Examined:
    """A picture that can be used.

    Attributes:
        data: the bytes that are kept: the file's own, or a PNG of bare pixels.
        sha256: of the file's bytes, or of the bare pixels: another release's PNG of them may differ.
    """

    candidate: Candidate
    data: bytes
    sha256: bytes
    format: str
    width: int
    height: int


class Examiner:
    """Examines pictures; several threads may at a time.

    Args:
        max_pixels: the most pixels of one picture.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._budget = PixelBudget(BUDGET)

    def __call__(self, entry: Candidate | Refused) -> Examined | Refused:
        """Returns the picture, or why it is left out. Never raises for what is wrong with it."""
        if isinstance(entry, Refused):
            return entry
        try:
            content = entry.read()
            if isinstance(content, bytes):
                return self._file(entry, content)
            return self._pixels(entry, content)
        except LoupeError as error:
            return refused(entry.file, error)
        except OSError as error:
            return refused(entry.file, Unreadable(f"The file cannot be read: {error.strerror or error}."))

    def _file(self, entry: Candidate, data: bytes) -> Examined:
        header = inspect(data, max_pixels=self._max_pixels)
        with self._budget.reserve(header.cost):
            decode(data, max_pixels=self._max_pixels, min_side=LEAST_SIDE)
        return Examined(entry, data, sha256(data).digest(), header.format, header.width, header.height)

    def _pixels(self, entry: Candidate, pixels: NDArray[np.uint8]) -> Examined:
        height, width = pixels.shape[:2]
        digest = sha256(f"{pixels.shape}".encode())
        digest.update(np.ascontiguousarray(pixels).data)
        blue_first = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
        data = cv2.imencode(".png", blue_first, PNG_PARAMS)[1].tobytes()
        return Examined(entry, data, digest.digest(), "PNG", width, height)
