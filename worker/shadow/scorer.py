"""Has challengers answer the copies, and counts how far they agree."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from redis.exceptions import RedisError

from shared.errors import ItemModelNotFound, StorageUnavailable
from shared.shadow import Agreements, Copies, Copy, Pair
from worker.engine.base import BATCH_SIZES
from worker.loaded import LoadedModel
from worker.models import Models

log = logging.getLogger(__name__)

# For so long Redis is asked to wait for copies, and so long is waited when it does not answer, or storage.
WAIT_S, PAUSE_S = 2.0, 5.0

Predict = Callable[[LoadedModel, NDArray[Any]], NDArray[Any]]


class Scorer:
    """Answers copies in a thread of its own, in no more than half of its time.

    Args:
        predict: returns probabilities, float32 (n, labels), for inputs, uint8 (n, height, width, channels).
        is_current: tells whether a version is still in shadow; copies for another are dropped unseen.
    """

    def __init__(
        self,
        models: Models,
        copies: Copies,
        agreements: Agreements,
        predict: Predict,
        is_current: Callable[[Pair], bool],
    ) -> None:
        self._models = models
        self._copies = copies
        self._agreements = agreements
        self._predict = predict
        self._is_current = is_current

    def start(self) -> None:
        """Scores until the process ends."""
        threading.Thread(target=self._run, name="shadow-score", daemon=True).start()

    def round(self, wait_s: float = WAIT_S) -> float:
        """Answers the copies that wait, as many as are predicted at once; returns the seconds that it worked.

        Raises:
            RedisError, StorageUnavailable: one of them does not answer; the copies are lost.
        """
        taken = self._copies.take(BATCH_SIZES[-1], wait_s)
        began = time.monotonic()
        waiting: defaultdict[Pair, list[Copy]] = defaultdict(list)
        for copy in taken:
            waiting[copy.pair].append(copy)
        for pair, copies in waiting.items():
            if self._is_current(pair):
                self._score(pair, copies)
        return time.monotonic() - began

    def _score(self, pair: Pair, copies: Sequence[Copy]) -> None:
        try:
            model = self._models.get(pair.model, pair.challenger)
            inputs = np.stack([np.frombuffer(copy.inputs, np.uint8).reshape(copy.shape) for copy in copies])
            said = self._predict(model, inputs).argmax(axis=1)
        except ItemModelNotFound as error:
            self._agreements.fail(pair, len(copies), error.message)
            return
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("version %d of %s, in shadow, cannot answer", pair.challenger, pair.model)
            self._agreements.fail(
                pair, len(copies), "It fails when it is asked; the log of a worker for lists has more."
            )
            return
        labels = model.manifest.labels
        self._agreements.count(pair, [(copy.label, labels[at]) for copy, at in zip(copies, said, strict=True)])

    def _run(self) -> None:
        while True:
            try:
                time.sleep(self.round())
            except (RedisError, StorageUnavailable):
                # Others tell the log of an outage.
                time.sleep(PAUSE_S)
            except Exception:
                log.exception("scoring copies failed")
                time.sleep(PAUSE_S)
