"""Training batches: chosen, augmented and scaled, by (seed, epoch, picture) alone."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec
from trainer.augmentations.augmentation import Augment
from trainer.child.order import Order
from trainer.child.prefetch import prefetched
from trainer.evaluation.pictures import LabelledPictures


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Attributes:
        inputs: scaled float32 (n, height, width, channels).
        targets: classes, int64 (n,).
        weights: what each picture counts in the loss, float32 (n,).
    """

    inputs: NDArray[np.float32]
    targets: NDArray[np.int64]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Batches:
    """The training side in batches.

    Attributes:
        pictures: of the whole dataset version.
        weights: what each class counts in the loss, float32 (labels,).
        to: how the inputs are scaled.
    """

    pictures: LabelledPictures
    weights: NDArray[np.float32]
    order: Order
    augment: Augment
    to: PreprocessSpec

    def __len__(self) -> int:
        """Returns how many batches an epoch has, at least 1."""
        return len(self.order)

    def epoch(self, number: int) -> Generator[Batch]:
        """Yields an epoch's batches, which a thread makes while the model learns. Close it when leaving it early."""
        return prefetched(self._made(number))

    def _made(self, epoch: int) -> Iterator[Batch]:
        for places, numbers in self.order.epoch(epoch):
            # Taking places from an array copies, so the augmentation may write.
            inputs = self.augment(self.pictures.inputs_at(places), epoch, numbers)
            targets = self.pictures.targets[places]
            yield Batch(scale(inputs, self.to), targets, self.weights[targets])
