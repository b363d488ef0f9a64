"""Who is tested on: by a hash of the content, so that a picture's side is no accident of its name or place."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shared.errors import TooFewPictures
from trainer.datasets.version import DatasetVersion

# One to train on and one to validate on.
LEAST_TRAIN = 2
LEAST_TEST = 1


def hash_order(name: str, seed: int, contents: Sequence[bytes]) -> list[int]:
    """Returns the places of pictures in the order in which they are taken for a side.

    Args:
        name: the dataset's.
        contents: each picture's content hash, 32 bytes.
    """
    start = f"{name}\0{seed}\0".encode()
    return sorted(range(len(contents)), key=lambda place: sha256(start + contents[place]).digest())


def share(count: int, fraction: float) -> int:
    """Returns how many of `count` pictures a fraction is: rounded, and at least one."""
    return max(1, round(count * fraction))


def validation(version: DatasetVersion, fraction: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divides the training side: of each class the first `fraction` in hash order, at least one, is for validation.

    Returns:
        Indices of the pictures to train on and of those to validate on, int64, rising. They depend on the pictures, the
        dataset's name and its seed alone.

    Raises:
        TooFewPictures: a class has fewer than two pictures on the training side.
    """
    train: list[int] = []
    validating: list[int] = []
    for label, name in enumerate(version.classes):
        places = version.train[version.labels[version.train] == label]
        if len(places) < LEAST_TRAIN:
            raise TooFewPictures(
                f"The class {name!r} has {len(places)} pictures on the training side of {version.name}@"
                f"{version.version}; it needs one to train on and one to validate on."
            )
        order = hash_order(version.name, version.manifest.seed, [version.sha256[place].tobytes() for place in places])
        count = min(share(len(places), fraction), len(places) - 1)
        validating.extend(int(places[place]) for place in order[:count])
        train.extend(int(places[place]) for place in order[count:])
    return np.array(sorted(train), np.int64), np.array(sorted(validating), np.int64)
