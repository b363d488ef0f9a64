"""A model asked about many pictures, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec
from shared.probabilities import probabilities
from trainer.evaluation.pictures import InputsAt

# Asks a model about the pictures at these places; returns probabilities, float32 (n, labels).
Predict = Callable[[InputsAt, NDArray[np.int64]], NDArray[np.float32]]

# One size for all: a batch of another size would be compiled anew.
BATCH = 64


def predictor(model: Any, to: PreprocessSpec, advanced: Callable[[], None] = lambda: None) -> Predict:
    """Returns how to ask a Keras model.

    Args:
        to: how its input is made.
        advanced: called after each batch; may raise to stop.
    """

    def ask(inputs_at: InputsAt, places: NDArray[np.int64]) -> NDArray[np.float32]:
        answers = []
        for start in range(0, len(places), BATCH):
            part = np.asarray(inputs_at(places[start : start + BATCH]))
            padded = np.concatenate([part, np.zeros((BATCH - len(part), *part.shape[1:]), np.uint8)])
            answers.append(probabilities(model.predict_on_batch(scale(padded, to)))[: len(part)])
            advanced()
        return np.concatenate(answers)

    return ask
