"""Training batches: shuffled and augmented by (seed, epoch, picture) alone, so any epoch can be made again alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec
from trainer.augmentations.augmentation import augmentations
from trainer.datasets.pictures import Pictures
from trainer.recipes.recipe import Step

Batch = tuple[NDArray[np.float32], NDArray[np.int64]]


class Batches:
    """The training side in batches of one size.

    The pictures that do not fill the last batch of an epoch are left out of it; they are others in each epoch. A second
    batch size would have TensorFlow compile the step twice.
    """

    def __init__(self, pictures: Pictures, size: int, steps: Sequence[Step], *, to: PreprocessSpec, seed: int) -> None:
        self._pictures = pictures
        self._size = min(size, len(pictures.split.train))
        self._changes = [augmentations.get(step.name)(**step.options) for step in steps]
        self._to = to
        self._seed = seed

    def __len__(self) -> int:
        """Returns how many batches an epoch has, at least 1."""
        return len(self._pictures.split.train) // self._size

    def epoch(self, number: int) -> Iterator[Batch]:
        """Yields an epoch's batches: scaled float32 (size, height, width, channels) and classes (size,)."""
        order = np.random.default_rng((self._seed, number)).permutation(self._pictures.split.train)
        for start in range(0, len(self) * self._size, self._size):
            chosen = order[start : start + self._size]
            inputs = np.stack([self._augmented(number, int(index)) for index in chosen])
            yield scale(inputs, self._to), self._pictures.targets[chosen]

    def _augmented(self, epoch: int, index: int) -> NDArray[np.uint8]:
        rng = np.random.default_rng((self._seed, epoch, index))
        picture: NDArray[np.uint8] = self._pictures.inputs[index]
        for change in self._changes:
            picture = change(picture, rng)
        return picture
