"""One picture from its address to its answer: fetch, decode, prepare, predict."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prometheus_client import Histogram

from shared import errors
from shared.items import ItemInput
from shared.jobs.lease import GivenBack, JobCanceled, Lease, LeaseLost
from shared.tracing import step
from shared.watchdog import Watchdog
from worker.cores import Cores
from worker.decoder import LEAST_SIDE, Decoder
from worker.host_pool import Elsewhere
from worker.loaded import LoadedModel
from worker.metrics import BATCH_SIZE, DECODE, FETCH, PREDICT
from worker.models import Models
from worker.outcome import Classified, Ready, Request, Seen, Timings, failed, succeeded
from worker.reader import OnBusy, Reader
from worker.shadow import Sender

log = logging.getLogger(__name__)

# Loading and compiling a model ends by itself within this.
MODEL_LOAD_S = 120.0
UNFORESEEN = "Something went wrong in Loupe; the worker's log says what. Try it again."
# The longest that decoding and predicting may take with the wait for a share of the pixel budget before it.
TURN_S = 120.0
# What takes longer than this never ends, and nothing but the end of its process ends it. Less than `TURN_S`, so that
# the unit is still this process's then, and no other one has begun with it.
LONGEST_S = 100.0


class Pipeline:
    """Everything a picture passes through, made once per process and used by all its threads."""

    def __init__(
        self,
        reader: Reader,
        decoder: Decoder,
        models: Models,
        sender: Sender,
        watchdog: Watchdog,
    ) -> None:
        self._reader = reader
        self._decoder = decoder
        self._models = models
        self._sender = sender
        self._watchdog = watchdog
        self._cores = Cores()
        self._predicting = Lock()

    def classify(self, item: ItemInput, request: Request, lease: Lease) -> Classified:
        """Returns a picture's outcome. What is wrong with the picture or its address is its outcome, not an error.

        Raises:
            LeaseLost, JobCanceled, GivenBack: the work is to stop.
            StorageUnavailable: an upload or the model's files cannot be read for now.
        """
        ready = self.prepare(item, request, lease)
        if isinstance(ready, Classified):
            return ready
        with lease.waiting(TURN_S):
            return self.predict([ready])[0]

    def prepare(
        self,
        item: ItemInput,
        request: Request,
        lease: Lease,
        small_side: int | None = None,
        on_busy: OnBusy = lambda _: None,
        on_answer: Callable[[], None] = lambda: None,
    ) -> Ready | Classified:
        """Fetches and decodes a picture; returns it ready for its model, or its outcome if something is wrong with it.

        Args:
            small_side: the longest side of a small copy to draw and keep, or 0 to keep nothing of the picture; None
                keeps what was seen of it, which may be large, for a copy to be drawn later.
            on_busy: called with the host that a connection is about to be waited for; it may raise `Elsewhere`.
            on_answer: called when the picture begins to come from its host; may wait.

        Raises:
            LeaseLost, JobCanceled, GivenBack, StorageUnavailable: as `classify`.
            Elsewhere: as `on_busy`.
        """
        lease.check()
        timings: Timings = {}
        try:
            with _timed(timings, "fetch_ms", FETCH):
                data = self._reader.read(item, lease, on_busy, on_answer)
            model = self._model(request, lease)
            doing = f"decoding item {item.index} of unit {lease.unit_id}"
            # Nobody can interrupt it.
            with self._cores.turn(lease), lease.waiting(TURN_S), self._watchdog.within(LONGEST_S, doing):
                return self._decoded(item, request, model, data, timings, small_side)
        except errors.ItemError as error:
            return failed(item, request, error, timings)
        except (LeaseLost, JobCanceled, GivenBack, Elsewhere, errors.StorageUnavailable):
            # The last is no fault of the picture: the unit is tried again when storage is back.
            raise
        except Exception:
            log.exception("item %d failed unexpectedly", item.index)
            return failed(item, request, errors.Internal(UNFORESEEN), timings)
        finally:
            lease.advance()

    def predict(self, batch: Sequence[Ready]) -> list[Classified]:
        """Returns the outcomes of pictures, those of one model predicted together."""
        # The versions of one moment are few.
        models = {id(ready.model): ready.model for ready in batch}
        done: dict[int, Classified] = {}
        for model in models.values():
            done |= self._predicted(model, {n: ready for n, ready in enumerate(batch) if ready.model is model})
        return [done[n] for n in range(len(batch))]

    def probabilities(self, model: LoadedModel, inputs: NDArray[Any]) -> NDArray[Any]:
        """Returns probabilities, float32 (n, labels), for prepared inputs, uint8 (n, height, width, channels)."""
        # A model is called from one thread at a time.
        with self._predicting:
            return model.predict(inputs)

    def _decoded(
        self,
        item: ItemInput,
        request: Request,
        model: LoadedModel,
        data: bytes,
        timings: Timings,
        small_side: int | None,
    ) -> Ready:
        with _timed(timings, "decode_ms", DECODE):
            header = self._decoder.inspect(data)
            # As large as the model needs it and as it was trained, whatever else is done with the picture.
            image = self._decoder.decode(data, model.side, header)
            inputs = model.prepare(image)
        drawn = self._sender.draw(model, inputs)
        seen = Seen(data, header, image)
        if small_side is None:
            return Ready(item, request, model, inputs, timings, drawn, seen=seen)
        # The file is not kept, and nobody waits for one item of a list.
        drawn = drawn and self._sender.prepared(drawn, data)
        small = self._decoder.small(seen, small_side, LEAST_SIDE) if small_side else None
        return Ready(item, request, model, inputs, timings, drawn, small)

    def _predicted(self, model: LoadedModel, batch: Mapping[int, Ready]) -> dict[int, Classified]:
        timings: Timings = {}
        BATCH_SIZE.observe(len(batch))
        try:
            doing = f"predicting {len(batch)} pictures"
            with self._watchdog.within(LONGEST_S, doing), _timed(timings, "predict_ms", PREDICT):
                rows = self.probabilities(model, np.stack([ready.inputs for ready in batch.values()]))
        except Exception:
            log.exception("predicting %d pictures failed unexpectedly", len(batch))
            return {n: _unforeseen(ready, timings) for n, ready in batch.items()}
        return {n: self._answered(ready, row, timings) for (n, ready), row in zip(batch.items(), rows, strict=True)}

    def _answered(self, ready: Ready, row: NDArray[Any], timings: Timings) -> Classified:
        try:
            classified = succeeded(ready, row, timings)
            if ready.drawn:
                self._sender.offer(ready.drawn, classified.item["label"], ready.seen.file if ready.seen else None)
        except Exception:
            log.exception("item %d failed unexpectedly", ready.item.index)
            return _unforeseen(ready, timings)
        return classified

    def _model(self, request: Request, lease: Lease) -> LoadedModel:
        with lease.idling(MODEL_LOAD_S):
            return self._models.get(request.model, request.version)


def _unforeseen(ready: Ready, timings: Timings) -> Classified:
    return failed(ready.item, ready.request, errors.Internal(UNFORESEEN), ready.timings | timings, ready)


@contextmanager
def _timed(timings: Timings, name: str, histogram: Histogram) -> Iterator[None]:
    started = time.perf_counter()
    try:
        with step(name.removesuffix("_ms")):
            yield
    finally:
        seconds = time.perf_counter() - started
        timings[name] = seconds * 1000
        histogram.observe(seconds)
