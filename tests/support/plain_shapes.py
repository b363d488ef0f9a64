"""Shapes as somebody else might draw them: numpy only, two flat colours, jagged edges, 128 x 128.

Written apart from trainer/datasets/drawing, so that a mistake there cannot hide here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 128
LABELS = ("circle", "square", "star", "triangle")


def plain_shape(label: str, rng: np.random.Generator, *, faint: bool = False) -> NDArray[np.uint8]:
    """Returns a picture of one shape, uint8 RGB (128, 128, 3), with exactly two colours in it.

    Args:
        label: one of `LABELS`.
        rng: where colours, place, size, angle and kind (filled or outline) come from.
        faint: draw the shape in nearly the background's colour, 16 to 40 of 255 apart.
    """
    radius = rng.uniform(18, 60)
    middle = rng.uniform(radius + 2, SIDE - 2 - radius, 2)
    angle = rng.uniform(0, 2 * np.pi)
    inside = _inside(label, middle, radius, angle)
    if rng.random() < 0.3:
        inside &= ~_inside(label, middle, radius * rng.uniform(0.75, 0.85), angle)
    background, color = _colors(rng, faint=faint)
    return np.where(inside[:, :, None], color, background).astype(np.uint8)


def _inside(label: str, middle: NDArray[np.float64], radius: float, angle: float) -> NDArray[np.bool_]:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    x, y = columns - middle[0], rows - middle[1]
    if label == "circle":
        return np.asarray(x**2 + y**2 <= radius**2)
    if label == "star":
        return _in_polygon(x, y, _corners(10, np.tile([1.0, 0.45], 5) * radius, angle))
    return _in_polygon(x, y, _corners({"square": 4, "triangle": 3}[label], radius, angle))


def _corners(count: int, radii: float | NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    turns = angle + 2 * np.pi * np.arange(count) / count
    return np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1)


def _in_polygon(x: NDArray[np.float64], y: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Counts the edges that a ray to the right crosses: an odd number means inside."""
    inside = np.zeros(x.shape, bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside


def _colors(rng: np.random.Generator, *, faint: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    while True:
        background, color = rng.integers(0, 256, (2, 3))
        if faint:
            color = np.clip(background + rng.integers(-40, 41, 3), 0, 255)
        if np.abs(background - color).max() >= 16:
            return background, color
