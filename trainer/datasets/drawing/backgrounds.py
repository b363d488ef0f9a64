"""Backgrounds: what lies around a shape, as an offset from one flat colour.

Each function returns offsets that broadcast to (size, size, 3), float32, about -1 to 1. The caller scales them with the
contrast of the picture, so that a faint shape never drowns in its background.
"""

from __future__ import annotations

from collections.abc import Callable
from math import cos, sin, tau

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2

Background = Callable[[np.random.Generator, int], NDArray[np.float32]]


def plain(_rng: np.random.Generator, _size: int) -> NDArray[np.float32]:
    """Returns one flat colour, (1, 1, 3)."""
    return np.zeros((1, 1, 3), np.float32)


def gradient(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Returns a colour that changes evenly in one direction."""
    return _colored(rng, _slope(rng, size))


def noise(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Returns grain of its own in every pixel and channel."""
    return rng.standard_normal((size, size, 3), np.float32) * np.float32(0.5)


def stripes(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Returns parallel waves."""
    return _colored(rng, np.sin(_slope(rng, size) * np.float32(rng.uniform(8, 40))))


def blobs(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Returns soft patches: a few random values blown up to the whole picture."""
    cells = int(rng.integers(3, 14))
    small = rng.uniform(-1, 1, (cells, cells, 3)).astype(np.float32)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


# With how often each is drawn. Plain is what people draw most.
BACKGROUNDS: dict[str, tuple[Background, float]] = {
    "plain": (plain, 0.5),
    "gradient": (gradient, 0.15),
    "noise": (noise, 0.1),
    "stripes": (stripes, 0.1),
    "blobs": (blobs, 0.15),
}


def _slope(rng: np.random.Generator, size: int) -> NDArray[np.float32]:
    angle = rng.uniform(0, tau)
    steps = np.linspace(-1, 1, size, dtype=np.float32)
    return steps[None, :] * np.float32(cos(angle)) + steps[:, None] * np.float32(sin(angle))


def _colored(rng: np.random.Generator, values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values[:, :, None] * rng.uniform(-1, 1, 3).astype(np.float32)
