"""The micro-batcher: predicts for many threads in one thread, as many pictures at once as are waiting.

It sits after fetch and decode, so one slow URL delays nobody, and adds no waiting of its own: while one batch is
predicted the next one gathers.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.engine.base import BATCH_SIZES
from worker.loaded import LoadedModel
from worker.metrics import BATCH_SIZE


@dataclass(frozen=True)
class _Request:
    model: LoadedModel
    image: NDArray[Any]
    answer: Future[NDArray[Any]] = field(default_factory=Future)


class Batcher:
    """Predicts in a thread of its own. A model never runs on two threads at once."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[_Request] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="predict", daemon=True).start()

    def predict(self, model: LoadedModel, image: NDArray[Any]) -> NDArray[Any]:
        """Returns the probabilities, float32 (labels,), of one prepared picture, uint8 (height, width, channels)."""
        request = _Request(model, image)
        self._requests.put(request)
        return request.answer.result()

    def _run(self) -> None:
        while True:
            gathered = self._gather()
            # The versions of one moment are few; each gets its own batch.
            for model in {id(request.model): request.model for request in gathered}.values():
                self._answer(model, [request for request in gathered if request.model is model])

    def _gather(self) -> list[_Request]:
        gathered = [self._requests.get()]
        while len(gathered) < BATCH_SIZES[-1]:
            try:
                gathered.append(self._requests.get_nowait())
            except queue.Empty:
                break
        return gathered

    def _answer(self, model: LoadedModel, requests: list[_Request]) -> None:
        BATCH_SIZE.observe(len(requests))
        try:
            probabilities = model.predict(np.stack([request.image for request in requests]))
            answers = list(zip(requests, probabilities, strict=True))
        except Exception as error:  # noqa: BLE001 - whoever waits gets it, and this thread lives on
            for request in requests:
                request.answer.set_exception(error)
            return
        for request, row in answers:
            request.answer.set_result(row)
