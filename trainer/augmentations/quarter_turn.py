"""A turn by 0, 90, 180 or 270 degrees, for things that have no upright. Square pictures only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.augmentations.augmentation import Augment, augmentations


@augmentations.register("quarter_turn")
def quarter_turn() -> Augment:
    """Returns the change. It has no options."""

    def change(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        height, width = picture.shape[:2]
        if height != width:
            raise ValueError(f"quarter_turn: expected a square picture, received {width} x {height}")
        return np.rot90(picture, int(rng.integers(4)))

    return change
