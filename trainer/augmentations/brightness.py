"""Other light: brightness and contrast changed, every pixel alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.augmentations.augmentation import Change, augmentations


@augmentations.register("brightness")
def brightness(*, brightness: float = 0.0) -> Change:
    """Returns the change.

    Args:
        brightness: the most, as a share of full brightness for the one and of the contrast for the other.
    """

    def change(pictures: NDArray[np.uint8], chance: NDArray[np.float64]) -> NDArray[np.uint8]:
        if not brightness:
            return pictures
        factors = 1 + brightness * (chance[:, 0] * 2 - 1)
        # Contrast is about the middle of the range, which stays.
        offsets = 127.5 * (1 - factors) + 255 * brightness * (chance[:, 1] * 2 - 1)
        levels = np.arange(256)
        tables = np.clip(np.rint(levels * factors[:, None] + offsets[:, None]), 0, 255).astype(np.uint8)
        for picture, table in zip(pictures, tables, strict=True):
            cv2.LUT(picture, table, dst=picture)
        return pictures

    return change
