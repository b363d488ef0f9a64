"""Left and right swapped in one picture of two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.augmentations.augmentation import Augment, augmentations


@augmentations.register("flip")
def flip() -> Augment:
    """Returns the change. It has no options."""

    def change(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        return picture[:, ::-1] if rng.random() < 0.5 else picture

    return change
