"""What an augmentation is: a change to one training picture that leaves its class as it is.

Its chance comes from a generator made of (seed, epoch, picture) alone, so a resumed training sees the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from trainer.catalog import Catalog

# Takes and returns one input, uint8 (height, width, channels).
Augment = Callable[[NDArray[np.uint8], np.random.Generator], NDArray[np.uint8]]


# Registered is a function that makes one of its options, which come by name from the recipe.
augmentations: Catalog[Callable[..., Augment]] = Catalog("augmentation", "trainer.augmentations")
