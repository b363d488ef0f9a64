"""The micro-batcher: one thread at a time predicts for all that wait, as many pictures at once as there are.

It sits after fetch and decode, so one slow URL delays nobody, and adds no waiting of its own: while one batch is
predicted the next one gathers. A picture that comes alone is predicted by the thread that brought it.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.engine.base import BATCH_SIZES
from worker.loaded import LoadedModel
from worker.metrics import BATCH_SIZE


@dataclass(eq=False)
class _Request:
    """A picture that waits, and what came of it."""

    model: LoadedModel
    inputs: NDArray[Any]
    answer: NDArray[Any] | None = None
    error: Exception | None = None


class Batcher:
    """Predicts for threads that have a picture each. A model never runs on two of them at once."""

    def __init__(self) -> None:
        self._waiting: list[_Request] = []
        self._gathering = Lock()
        self._predicting = Lock()

    def predict(self, model: LoadedModel, inputs: NDArray[Any]) -> NDArray[Any]:
        """Returns the probabilities, float32 (labels,), of one prepared picture, uint8 (height, width, channels)."""
        request = _Request(model, inputs)
        with self._gathering:
            self._waiting.append(request)
        with self._predicting:
            # Whoever was here before may have taken it along; or had more before it than go into one batch.
            while request.answer is None and request.error is None:
                self._predict_next()
        if request.error:
            raise request.error
        return np.asarray(request.answer)

    def _predict_next(self) -> None:
        with self._gathering:
            batch, self._waiting = self._waiting[: BATCH_SIZES[-1]], self._waiting[BATCH_SIZES[-1] :]
        # The versions of one moment are few; each gets its own batch.
        for model in {id(request.model): request.model for request in batch}.values():
            _answer(model, [request for request in batch if request.model is model])


def _answer(model: LoadedModel, requests: list[_Request]) -> None:
    BATCH_SIZE.observe(len(requests))
    try:
        rows = model.predict(np.stack([request.inputs for request in requests]))
        for request, row in zip(requests, rows, strict=True):
            request.answer = row
    except Exception as error:  # noqa: BLE001 - each of those who wait gets it
        for request in requests:
            request.error = error
