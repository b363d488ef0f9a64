"""A covered part, so that a model looks at more than one feature (DeVries and Taylor 2017, arXiv:1708.04552)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.augmentations.augmentation import Change, augmentations


@augmentations.register("cutout")
def cutout(*, cutout: float = 0.0) -> Change:
    """Returns the change, which covers a grey square in one picture of two.

    Args:
        cutout: the square's side, as a share of the picture's shorter one; a part of it may lie outside.
    """

    def change(pictures: NDArray[np.uint8], chance: NDArray[np.float64]) -> NDArray[np.uint8]:
        height, width = pictures.shape[1:3]
        side = round(cutout * min(height, width))
        if not side:
            return pictures
        tops = np.floor(chance[:, 1] * height).astype(int) - side // 2
        lefts = np.floor(chance[:, 2] * width).astype(int) - side // 2
        for index in np.flatnonzero(chance[:, 0] < 0.5):
            top, left = tops[index], lefts[index]
            pictures[index, max(0, top) : top + side, max(0, left) : left + side] = 127
        return pictures

    return change
