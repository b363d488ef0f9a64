"""One picture of a source: read, hashed, and decoded once by the function that serving uses, so that it can be read."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shared.datasets.report import Refused
from shared.errors import ItemError, PictureRefused, Unreadable
from shared.imaging import PixelBudget, decode, inspect
from shared.imaging.opencv import cv2
from trainer.datasets.source import Candidate, refused
from trainer.importing.picture import Picture
from trainer.importing.scratch import Scratch

# A JPEG is decoded at the smallest size that has this short side: every bit of it is read all the same.
LEAST_SIDE = 128
# Pixels in flight: what bounds the memory of an import. A larger picture is decoded alone.
BUDGET = 16_000_000
# Small ones need no reservation: all threads together hold little of them.
SMALL = 500_000
# 1 is quick; 9 would save a tenth of the bytes and take three times as long.
PNG_PARAMS = (cv2.IMWRITE_PNG_COMPRESSION, 1)


@dataclass(frozen=True)
class _Examined:
    """What there is to know of a picture, and the bytes that are kept: a file's own, or a PNG of bare pixels."""

    data: bytes
    sha256: bytes
    format: str
    width: int
    height: int


class Examiner:
    """Examines pictures; several threads may at a time.

    Args:
        max_pixels: the most pixels of one picture.
        scratch: where the bytes of good pictures wait.

    Attributes:
        count: grows with the pictures that were examined.
    """

    def __init__(self, max_pixels: int, scratch: Scratch) -> None:
        self._max_pixels = max_pixels
        self._budget = PixelBudget(BUDGET)
        self._scratch = scratch
        self.count = 0

    def __call__(self, entry: Candidate | Refused) -> Picture | Refused:
        """Returns the picture, or why it is left out.

        Raises:
            LoupeError: no fault of this picture: the storage does not answer, or a part of the source is gone. Without
                it the version would lack pictures that are sound.
        """
        if isinstance(entry, Refused):
            return entry
        self.count += 1
        try:
            found = self._examined(entry)
        except (ItemError, PictureRefused) as error:
            return refused(entry.file, error)
        except OSError as error:
            return refused(entry.file, Unreadable(f"The file cannot be read: {error.strerror or error}."))
        return Picture(
            sha256=found.sha256,
            file=entry.file,
            label=entry.label,
            side=entry.side,
            format=found.format,
            width=found.width,
            height=found.height,
            offset=self._scratch.add(found.data),
            length=len(found.data),
        )

    def _examined(self, entry: Candidate) -> _Examined:
        content = entry.read()
        if not isinstance(content, bytes):
            return _pixels(content)
        header = inspect(content, max_pixels=self._max_pixels)
        with self._budget.reserve(header.cost) if header.cost > SMALL else nullcontext():
            decode(content, max_pixels=self._max_pixels, min_side=LEAST_SIDE, header=header)
        return _Examined(content, sha256(content).digest(), header.format, header.width, header.height)


def _pixels(pixels: NDArray[np.uint8]) -> _Examined:
    height, width = pixels.shape[:2]
    digest = sha256(f"{pixels.shape}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    blue_first = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    data = cv2.imencode(".png", blue_first, PNG_PARAMS)[1].tobytes()
    return _Examined(data, digest.digest(), "PNG", width, height)
