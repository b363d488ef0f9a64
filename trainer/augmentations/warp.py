"""A small rotation, zoom and shift in one step, so that the picture is resampled once. Its edge is drawn out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.augmentations.augmentation import Augment, augmentations


@augmentations.register("warp")
def warp(*, degrees: float = 0.0, zoom: float = 0.0, shift: float = 0.0) -> Augment:
    """Returns the change, which leaves one picture of two as it is.

    Args:
        degrees: turned by at most so much, either way.
        zoom: made larger or smaller by at most this share.
        shift: moved by at most this share of the side, either way.
    """

    def change(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        if rng.random() < 0.5:
            return picture
        height, width, channels = picture.shape
        middle = ((width - 1) / 2, (height - 1) / 2)
        turn, size = rng.uniform(-degrees, degrees), 1 + rng.uniform(-zoom, zoom)
        move = np.asarray(cv2.getRotationMatrix2D(middle, turn, size), np.float64)
        move[:, 2] += rng.uniform(-shift, shift, 2) * np.array([width, height])
        warped = cv2.warpAffine(np.ascontiguousarray(picture), move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(warped, np.uint8).reshape(height, width, channels)

    return change
