"""A soft picture, as an unsharp lens or strong compression gives it: one of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.augmentations.augmentation import Change, augmentations

# Less than this deviation, in pixels, changes nothing that can be seen.
LEAST = 0.2


@augmentations.register("blur")
def blur(*, blur: float = 0.0) -> Change:
    """Returns the change.

    Args:
        blur: the most, as the deviation of a Gaussian in pixels.
    """

    def change(pictures: NDArray[np.uint8], chance: NDArray[np.float64]) -> NDArray[np.uint8]:
        deviations = np.where(chance[:, 0] < 0.5, chance[:, 1] * blur, 0.0)
        for index in np.flatnonzero(deviations >= LEAST):
            soft = cv2.GaussianBlur(pictures[index], (0, 0), deviations[index], borderType=cv2.BORDER_REPLICATE)
            pictures[index] = np.asarray(soft, np.uint8).reshape(pictures.shape[1:])
        return pictures

    return change
