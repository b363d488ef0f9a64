"""Colour pairs: a background and a shape on it, from strong contrast down to barely visible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# The least distance between the two colours in the channel that differs most, of 255.
FAINTEST = 14.0

# So many pairs of a hundred are drawn faint on purpose; two random colours hardly ever are.
FAINT_SHARE = 0.3


def color_pair(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns (background, shape): two colours (3,), float32, 0 to 255, at least `FAINTEST` apart in one channel."""
    while True:
        background = rng.uniform(0, 255, 3)
        if rng.random() < FAINT_SHARE:
            shape = np.clip(background + rng.uniform(-1, 1, 3) * rng.uniform(FAINTEST, 60), 0, 255)
        else:
            # Pure colours, black and white are what drawing programs offer first.
            shape = rng.choice([0.0, 128.0, 255.0], 3) if rng.random() < 0.3 else rng.uniform(0, 255, 3)
        if contrast(background, shape) >= FAINTEST:
            return background.astype(np.float32), shape.astype(np.float32)


def contrast(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Returns the distance of two colours in the channel where they differ most, 0 to 255."""
    return float(np.abs(one - other).max())
