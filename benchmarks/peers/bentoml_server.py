"""BentoML, as its documentation advises: a batchable endpoint, whose batches adapt to the load, in several workers.

bentoml serve benchmarks.peers.bentoml_server:Classifier
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import bentoml

from benchmarks.peers.work import Model, Pictures, model_folder, setting


@bentoml.service(workers=setting("WORKERS"), traffic={"timeout": 60})
class Classifier:
    """URLs in, classes out; a request sends one."""

    def __init__(self) -> None:
        self._model = Model(model_folder())
        self._pictures = Pictures(setting("THREADS"))
        self._threads = ThreadPoolExecutor(setting("THREADS"))

    @bentoml.api(batchable=True, max_batch_size=setting("BATCH"), max_latency_ms=60_000)
    def classify(self, urls: list[str]) -> list[str]:
        """Reads the pictures of a batch side by side and returns their classes."""
        return self._model.classify(list(self._threads.map(self._pictures.read, urls)))
