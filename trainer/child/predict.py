"""Probabilities of many pictures at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec

# One size for all: a batch of another size would be compiled anew.
BATCH = 64


def predict(
    model: Any, inputs: NDArray[np.uint8], to: PreprocessSpec, advanced: Callable[[], None] = lambda: None
) -> NDArray[np.float32]:
    """Returns probabilities, float32 (n, labels).

    Args:
        inputs: uint8 (n, height, width, channels), not yet scaled.
        advanced: called after each batch; may raise to stop.
    """
    answers = []
    for start in range(0, len(inputs), BATCH):
        part = inputs[start : start + BATCH]
        padded = np.concatenate([part, np.zeros((BATCH - len(part), *part.shape[1:]), np.uint8)])
        answers.append(np.asarray(model.predict_on_batch(scale(padded, to)))[: len(part)])
        advanced()
    return np.concatenate(answers)
