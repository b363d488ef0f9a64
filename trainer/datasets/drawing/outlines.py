"""The outlines of the four shapes: corner points around (0, 0), the farthest at a distance of about 1."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin, tau

import numpy as np
from numpy.typing import NDArray

Outline = Callable[[np.random.Generator], NDArray[np.float64]]


def circle(rng: np.random.Generator) -> NDArray[np.float64]:
    """Returns a circle of 90 corners, in one case of two slightly oval, (90, 2)."""
    return _ring(90, 1.0) * _stretch(rng)


def square(rng: np.random.Generator) -> NDArray[np.float64]:
    """Returns a square, in one case of two slightly longer than wide, (4, 2)."""
    return _ring(4, 1.0, pi / 4) * _stretch(rng)


def triangle(rng: np.random.Generator) -> NDArray[np.float64]:
    """Returns a triangle: equilateral, or with corners moved along the circle around it, (3, 2)."""
    angles = np.arange(3) * tau / 3
    if rng.random() < 0.5:
        angles = angles + rng.uniform(-pi / 7, pi / 7, 3)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def star(rng: np.random.Generator) -> NDArray[np.float64]:
    """Returns a star, mostly of five points, with spikes of varied depth, (2 * points, 2)."""
    points = int(rng.choice([4, 5, 6, 7, 8], p=[0.06, 0.7, 0.12, 0.06, 0.06]))
    # A star of few points with a wide middle is hard to tell from a polygon, so its spikes go deeper.
    inner = rng.uniform(0.3, 0.42) if points == 4 else rng.uniform(0.34, 0.56)
    radii = np.where(np.arange(2 * points) % 2 == 0, 1.0, inner)
    return _ring(2 * points, radii)


# In the order of the model's outputs.
OUTLINES: dict[str, Outline] = {"circle": circle, "square": square, "star": star, "triangle": triangle}


def turned(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Returns the points turned by `angle` radians around (0, 0)."""
    turn = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    return np.asarray(points @ turn, dtype=np.float64)


def _ring(count: int, radii: float | NDArray[np.float64], start: float = 0.0) -> NDArray[np.float64]:
    angles = start + np.arange(count) * tau / count
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def _stretch(rng: np.random.Generator) -> NDArray[np.float64]:
    factor = rng.uniform(0.92, 1.0) if rng.random() < 0.5 else 1.0
    return np.array([1.0, factor])
