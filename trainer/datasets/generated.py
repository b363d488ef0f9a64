"""The source `generated`: pictures drawn on the spot, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from shared.schemas.source import GeneratedSource
from trainer.datasets.shapes import LABELS, Shapes
from trainer.datasets.source import Candidate, Context, Source, sources


@sources.register("generated")
def generated(asked: GeneratedSource, context: Context) -> Source:
    """Opens the drawn pictures."""
    return Drawn(Shapes(asked.count, context.seed))


class Drawn:
    """Pictures that are drawn when they are read."""

    classes = LABELS
    ordered = True

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes

    def __len__(self) -> int:
        return len(self._shapes)

    def __iter__(self) -> Iterator[Candidate]:
        for index in range(len(self._shapes)):
            label = LABELS[index % len(LABELS)]
            yield Candidate(f"shapes:{index}", label, partial(self._read, index))

    def _read(self, index: int) -> NDArray[np.uint8]:
        return self._shapes.read(index)[0]
