"""A dataset ready to train on: every picture read once and brought to the model's input by the serving function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from shared.imaging import to_input
from shared.preprocess_spec import PreprocessSpec
from trainer.datasets.shapes import Shapes
from trainer.datasets.spec import DatasetSpec
from trainer.datasets.split import Split, split

# As in the API: a version is the first 12 hex digits of its content's hash.
VERSION_DIGITS = 12


@dataclass(frozen=True)
class Pictures:
    """All pictures of a dataset version.

    Attributes:
        version: names the content and the split.
        source: where one picture can be read again at its full size.
        inputs: uint8 (n, height, width, channels), not yet scaled.
        targets: each picture's class, int64 (n,).
    """

    name: str
    version: str
    source: Shapes
    inputs: NDArray[np.uint8]
    targets: NDArray[np.int64]
    split: Split

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names in the order of the model's outputs."""
        return self.source.labels


def load_pictures(
    spec: DatasetSpec,
    to: PreprocessSpec,
    validation_fraction: float,
    advanced: Callable[[], None] = lambda: None,
) -> Pictures:
    """Reads, or draws, every picture.

    Args:
        to: the model's input.
        advanced: called after each picture; may raise to stop.

    Raises:
        InvalidRequest: the source has a wrong field.
    """
    source = Shapes(int(spec.source["count"]), spec.seed)
    inputs = np.empty((len(source), to.height, to.width, to.channels), np.uint8)
    targets: list[int] = []
    contents: list[bytes] = []
    for index in range(len(source)):
        picture, target = source.read(index)
        inputs[index] = to_input(picture, to)
        targets.append(target)
        contents.append(sha256(picture.tobytes()).digest())
        advanced()
    sides = split(
        targets,
        contents,
        name=spec.name,
        seed=spec.seed,
        test_fraction=spec.test_fraction,
        validation_fraction=validation_fraction,
    )
    version = _version(spec, source, targets, contents)
    return Pictures(spec.name, version, source, inputs, np.array(targets, np.int64), sides)


def _version(spec: DatasetSpec, source: Shapes, targets: list[int], contents: list[bytes]) -> str:
    lines = sorted(
        f"{source.labels[target]} {content.hex()}" for target, content in zip(targets, contents, strict=True)
    )
    whole = "\n".join([spec.name, str(spec.seed), str(spec.test_fraction), *lines])
    return sha256(whole.encode()).hexdigest()[:VERSION_DIGITS]
