"""A version's content: its pictures in an order of their own, and the name that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.version import TEST
from trainer.importing.picture import Picture

VERSION_DIGITS = 12
SIDE_NAMES = ("train", "test")


@dataclass(frozen=True)
class Content:
    """What a version holds.

    Attributes:
        pictures: by class and then by content hash, whatever order they came in.
        labels: each picture's place in `classes`.
        sides: each picture's side.
    """

    classes: list[str]
    pictures: list[Picture]
    labels: NDArray[np.int32]
    sides: NDArray[np.uint8]

    @classmethod
    def of(cls, classes: list[str], pictures: Sequence[Picture], sides: Sequence[int]) -> Content:
        """Returns the content of pictures with their sides."""
        place = {name: label for label, name in enumerate(classes)}
        order = sorted(range(len(pictures)), key=lambda i: (place[pictures[i].label], pictures[i].sha256))
        return cls(
            classes,
            [pictures[i] for i in order],
            np.array([place[pictures[i].label] for i in order], np.int32),
            np.array([sides[i] for i in order], np.uint8),
        )

    def digest(self) -> str:
        """Returns SHA-256 over every picture's class, side and content hash, as hex digits.

        File names do not count: a picture that was renamed is the same picture.
        """
        whole = sha256("\0".join(self.classes).encode())
        for picture, label, side in zip(self.pictures, self.labels, self.sides, strict=True):
            whole.update(f"\n{label} {SIDE_NAMES[int(side == TEST)]} {picture.sha256.hex()}".encode())
        return whole.hexdigest()
