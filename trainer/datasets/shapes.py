"""The generated dataset `shapes`: circles, squares, stars and triangles, drawn with OpenCV.

Every picture depends on (seed, index) alone, so any one can be drawn again without the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import tau

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.datasets.drawing.backgrounds import BACKGROUNDS
from trainer.datasets.drawing.colors import color_pair, contrast
from trainer.datasets.drawing.outlines import OUTLINES, turned

LABELS = tuple(OUTLINES)
SIDE = 128

# OpenCV takes corner points as whole numbers of 1/16 pixel.
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Shapes:
    """A source of `count` drawn pictures, the classes in turn."""

    count: int
    seed: int
    labels: tuple[str, ...] = LABELS

    def __len__(self) -> int:
        return self.count

    def read(self, index: int) -> tuple[NDArray[np.uint8], int]:
        """Returns (picture, class): uint8 RGB (128, 128, 3) and the class's place in `labels`."""
        target = index % len(LABELS)
        return draw(np.random.default_rng((self.seed, index)), LABELS[target]), target


def draw(rng: np.random.Generator, label: str, side: int = SIDE) -> NDArray[np.uint8]:
    """Returns a picture of one shape, uint8 RGB (side, side, 3)."""
    background, color = color_pair(rng)
    strength = np.float32(contrast(background, color) * rng.uniform(0.1, 0.5))
    names, kinds = list(BACKGROUNDS), list(BACKGROUNDS.values())
    make, _ = BACKGROUNDS[str(rng.choice(names, p=[share for _, share in kinds]))]
    ground = background + make(rng, side) * strength
    cover = _mask(rng, label, side)[:, :, None].astype(np.float32) / np.float32(255)
    # In place from here on: new arrays of this size cost more than what is computed in them.
    picture = (color - ground) * cover
    picture += ground
    picture = _worn(rng, picture, strength)
    np.rint(picture, out=picture)
    np.clip(picture, 0, 255, out=picture)
    return picture.astype(np.uint8)


def _mask(rng: np.random.Generator, label: str, side: int) -> NDArray[np.uint8]:
    """Returns how much of each pixel the shape covers, 0 to 255: filled or as an outline, smooth or jagged."""
    mask = np.zeros((side, side), np.uint8)
    radius = side * rng.uniform(0.12, 0.49)
    points = turned(OUTLINES[label](rng), rng.uniform(0, tau)) * radius
    corners = [_subpixel(points + _place(rng, points, side))]
    line = cv2.LINE_AA if rng.random() < 0.5 else cv2.LINE_8
    if rng.random() < 0.65:
        cv2.fillPoly(mask, corners, 255, lineType=line, shift=SUBPIXEL_BITS)
    else:
        thickness = max(1, round(radius * rng.uniform(0.06, 0.22)))
        cv2.polylines(mask, corners, True, 255, thickness, line, SUBPIXEL_BITS)
    return mask


def _place(rng: np.random.Generator, points: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Returns a middle at which the whole shape is within the picture."""
    low, high = -points.min(axis=0) + 1, side - 2 - points.max(axis=0)
    return np.asarray(rng.uniform(np.minimum(low, high), np.maximum(low, high)), np.float64)


def _subpixel(points: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.asarray(np.rint(points * 2**SUBPIXEL_BITS), np.int32)


def _worn(rng: np.random.Generator, picture: NDArray[np.float32], strength: np.float32) -> NDArray[np.float32]:
    """Returns the picture as a camera or a bad encoder might hand it on: blurred, grainy, or as it was."""
    if rng.random() < 0.2:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.8)).astype(np.float32)
    if rng.random() < 0.3:
        grain = rng.standard_normal(picture.shape, np.float32)
        grain *= strength * np.float32(0.5)
        picture += grain
    return picture
