"""A dataset version ready to train on: its pictures as inputs, and the three sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.preprocess_spec import PreprocessSpec
from trainer.cache import inputs
from trainer.datasets.sides import validation
from trainer.datasets.version import DatasetVersion
from trainer.evaluation.pictures import LabelledPictures


@dataclass(frozen=True)
class ThreeSides:
    """Places of the pictures on each side, int64, rising."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def load_pictures(
    version: DatasetVersion,
    to: PreprocessSpec,
    validation_fraction: float,
    cache_dir: Path,
    advanced: Callable[[], None] = lambda: None,
) -> LabelledPictures:
    """Brings every picture to the model's input, or finds that an earlier run did.

    Args:
        to: the model's input.
        cache_dir: where inputs are kept for later runs.
        advanced: called as pictures get ready; may raise to stop.

    Raises:
        TooFewPictures: a class cannot be on all sides.
        DatasetNotFound: the dataset was deleted meanwhile.
    """
    train, validating = validation(version, validation_fraction)
    return LabelledPictures(
        labels=tuple(version.classes),
        targets=version.labels,
        sides=ThreeSides(train, validating, version.test),
        inputs_at=inputs(version, to, cache_dir, advanced).__getitem__,
        picture=version.picture,
    )
