"""Grain, as a sensor gives it in little light: one picture of two, each channel by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.augmentations.augmentation import Change, augmentations


@augmentations.register("noise")
def noise(*, noise: float = 0.0) -> Change:
    """Returns the change.

    Args:
        noise: the most, as the deviation of a Gaussian in shares of full brightness.
    """

    def change(pictures: NDArray[np.uint8], chance: NDArray[np.float64]) -> NDArray[np.uint8]:
        deviations = np.where(chance[:, 0] < 0.5, chance[:, 1] * noise * 255, 0.0)
        for index in np.flatnonzero(deviations):
            # A generator that counts needs no seeding: its key is the picture's own number.
            grain = np.random.Generator(np.random.Philox(key=int(chance[index, 2] * 2**53)))
            values = grain.standard_normal(pictures.shape[1:], np.float32) * np.float32(deviations[index])
            values += pictures[index]
            np.rint(values, out=values)
            pictures[index] = np.clip(values, 0, 255, out=values)
        return pictures

    return change
