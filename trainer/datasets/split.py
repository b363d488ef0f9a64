"""The split into training, validation and test side: by content, so that a picture's side is no accident of order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """Indices of the pictures on each side, int64, rising."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def split(
    targets: Sequence[int],
    contents: Sequence[bytes],
    *,
    name: str,
    seed: int,
    test_fraction: float,
    validation_fraction: float,
) -> Split:
    """Splits each class by a hash of dataset name, seed and content.

    The first `round(n * test_fraction)` of a class, at least one, are test; of the rest the first
    `round(n * validation_fraction)`, at least one, are validation.

    Args:
        targets: each picture's class.
        contents: a hash of each picture's content.

    Raises:
        ValueError: a class has fewer than three pictures, too few for three sides.
    """
    start = f"{name}\0{seed}\0".encode()
    classes: dict[int, list[int]] = {}
    for index in sorted(range(len(targets)), key=lambda i: sha256(start + contents[i]).digest()):
        classes.setdefault(targets[index], []).append(index)
    sides: tuple[list[int], list[int], list[int]] = ([], [], [])
    for target, ordered in sorted(classes.items()):
        if len(ordered) < 3:
            raise ValueError(f"class {target}: expected at least 3 pictures, received {len(ordered)}")
        test = min(max(1, round(len(ordered) * test_fraction)), len(ordered) - 2)
        rest = len(ordered) - test
        validation = min(max(1, round(rest * validation_fraction)), rest - 1)
        sides[0].extend(ordered[test + validation :])
        sides[1].extend(ordered[test : test + validation])
        sides[2].extend(ordered[:test])
    train, validating, testing = (np.array(sorted(side), np.int64) for side in sides)
    return Split(train, validating, testing)
