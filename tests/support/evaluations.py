"""Pictures with labels, and models that need no Keras, for tests of evaluation and publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.imaging.opencv import cv2
from trainer.evaluation.pictures import LabelledPictures

LABELS = ("cat", "dog", "fox")


@dataclass(frozen=True)
class Sides:
    """Places on each side."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


class ToyModel:
    """Knows its classes by the colour of a picture's first pixel, as toy pictures are drawn.

    Args:
        wrong: how many of its answers, from the first on, are turned to the next class.
    """

    def __init__(self, labels: int = len(LABELS), *, sure: float = 0.9, wrong: int = 0) -> None:
        self._labels, self._sure, self._wrong = labels, sure, wrong

    def predict_on_batch(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns probabilities (n, labels)."""
        said = np.round(batch[:, 0, 0, 0] * 255).astype(int) // 40 % self._labels
        turned = min(self._wrong, len(said))
        said[:turned] = (said[:turned] + 1) % self._labels
        self._wrong -= turned
        rest = (1 - self._sure) / (self._labels - 1)
        answers = np.full((len(batch), self._labels), rest, np.float32)
        answers[np.arange(len(batch)), said] = self._sure
        return answers


def toy_pictures(count: int = 60, labels: Sequence[str] = LABELS, side: int = 8) -> LabelledPictures:
    """Returns pictures of one colour each, `count` in all: half for training, a quarter on each other side."""
    targets = np.arange(count, dtype=np.int64) % len(labels)
    inputs = np.stack([np.full((side, side, 3), target * 40, np.uint8) for target in targets])
    order = np.random.default_rng(3).permutation(count)
    parts = np.split(order, [count // 2, 3 * count // 4])
    sides = Sides(*(np.sort(part).astype(np.int64) for part in parts))
    return LabelledPictures(labels, targets, sides, inputs.__getitem__, lambda place: encoded(inputs[place]))


def encoded(picture: NDArray[np.uint8]) -> bytes:
    """Returns a picture, uint8 RGB, as PNG."""
    _, data = cv2.imencode(".png", picture[..., ::-1])
    return data.tobytes()
