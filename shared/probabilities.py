"""What a model's outputs mean: one probability a class, whichever runtime gave them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def probabilities(outputs: NDArray[Any]) -> NDArray[np.float32]:
    """Returns float32 (n, labels); the single output of a sigmoid, the second class's, becomes two columns.

    Args:
        outputs: of a model, (n, outputs).
    """
    found = np.asarray(outputs, np.float32)
    return np.hstack([1 - found, found]) if found.shape[1] == 1 else found
