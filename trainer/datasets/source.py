"""What a dataset source is: pictures with labels, one at a time, wherever they come from."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.catalog import Catalog


class Source(Protocol):
    """A number of labelled pictures. Reading one does not need the others."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names in the order of the model's outputs."""
        ...

    def __len__(self) -> int:
        """Returns how many pictures there are."""
        ...

    def read(self, index: int) -> tuple[NDArray[np.uint8], int]:
        """Returns a picture, uint8 RGB (height, width, 3), and its class's place in `labels`."""
        ...


class OpenSource(Protocol):
    """Opens a source."""

    def __call__(self, source: dict[str, Any], seed: int) -> Source:
        """Opens what `source` says, an object with `type` as in the API's "Datasets".

        Raises:
            InvalidRequest: a field is wrong.
        """
        ...


sources: Catalog[OpenSource] = Catalog("source.type", "trainer.datasets")
