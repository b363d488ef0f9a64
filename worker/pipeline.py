"""One picture from its address to its answer: fetch, decode, prepare, predict."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from prometheus_client import Histogram

from shared import errors, items
from shared.fetch.fetcher import Fetcher
from shared.imaging import Header, PixelBudget, decode, inspect
from shared.items import ItemInput
from shared.jobs.lease import JobCanceled, Lease, LeaseLost, Stopping
from shared.jobs.model import Json
from shared.settings import Settings
from shared.storage import Storage
from worker.batcher import Batcher
from worker.loaded import LoadedModel
from worker.metrics import DECODE, FETCH, ITEMS, PREDICT
from worker.models import Models

log = logging.getLogger(__name__)

# Loading and compiling a model ends by itself within this.
MODEL_LOAD_S = 120.0
UNFORESEEN = "Something went wrong in Loupe; the worker's log says what. Try it again."
# Milliseconds of each step that a picture came to.
Timings = dict[str, float | None]
# The longest that decoding and predicting may take with the wait for a share of the pixel budget before it.
TURN_S = 120.0
# What a fetch may take beyond its deadline to notice it.
GRACE_S = 2.0


@dataclass(frozen=True)
class Request:
    """What a job asks of each of its pictures."""

    model: str
    version: int | None
    top_k: int
    threshold: float | None

    @property
    def asked(self) -> Json:
        """The model as it was asked for; the version is None where the served one was to answer."""
        return {"name": self.model, "version": self.version}

    @classmethod
    def of(cls, spec: Json) -> Request:
        """Reads a job's spec."""
        return cls(spec["model"]["name"], spec["model"]["version"], spec["top_k"], spec["threshold"])


@dataclass(frozen=True)
class Classified:
    """A picture's outcome, and its bytes if they could be decoded."""

    item: Json
    picture: bytes | None


class Pipeline:
    """Everything a picture passes through, made once per process and used by all its threads."""

    def __init__(self, settings: Settings, storage: Storage, fetcher: Fetcher, models: Models) -> None:
        self._settings = settings
        self._storage = storage
        self._fetcher = fetcher
        self._models = models
        self._budget = PixelBudget()
        self._batcher = Batcher()

    def classify(self, item: ItemInput, request: Request, lease: Lease) -> Classified:
        """Returns a picture's outcome. What is wrong with the picture or its address is its outcome, not an error.

        Raises:
            LeaseLost, JobCanceled, Stopping: the work is to stop.
            StorageUnavailable: an upload or the model's files cannot be read for now.
        """
        lease.check()
        timings: Timings = {}
        picture = None
        try:
            with _timed(timings, "fetch_ms", FETCH):
                data = self._read(item, lease)
            model = self._model(request, lease)
            # Both wait their turn, behind pictures whose work is bounded.
            with lease.waiting(TURN_S):
                with _timed(timings, "decode_ms", DECODE):
                    inputs = model.prepare(self.decode(data, model.side, self.inspect(data)))
                picture = data
                with _timed(timings, "predict_ms", PREDICT):
                    probabilities = self._batcher.predict(model, inputs)
        except errors.ItemError as error:
            outcome = items.failed(item, error, model=request.asked, timings=timings)
        except (LeaseLost, JobCanceled, Stopping, errors.StorageUnavailable):
            # The last is no fault of the picture: the unit is tried again when storage is back.
            raise
        except Exception:
            log.exception("item %d failed unexpectedly", item.index)
            outcome = items.failed(item, errors.Internal(UNFORESEEN), model=request.asked, timings=timings)
        else:
            outcome = items.succeeded(
                item,
                predictions=model.best(probabilities, request.top_k),
                model={"name": model.name, "version": model.version},
                timings=timings,
                threshold=request.threshold,
            )
        ITEMS.labels(outcome["error"]["code"] if outcome["error"] else "ok").inc()
        lease.advance()
        return Classified(outcome, picture)

    def inspect(self, data: bytes) -> Header:
        """Returns what the header of a picture says.

        Raises:
            NotAnImage, TooManyPixels: what came is no picture that Loupe reads.
        """
        return inspect(data, max_pixels=self._settings.max_image_pixels)

    def decode(self, data: bytes, min_side: int, header: Header) -> NDArray[Any]:
        """Decodes a picture to uint8 RGB (h, w, 3) of at least `min_side`, if it is as large, within the budget.

        Raises:
            NotAnImage: it is broken.
        """
        with self._budget.reserve(header.cost):
            return decode(data, max_pixels=self._settings.max_image_pixels, min_side=min_side, header=header)

    def _read(self, item: ItemInput, lease: Lease) -> bytes:
        limit = int(self._settings.max_image_bytes)
        if item.upload is None:
            # The fetcher ends by itself, whatever the host does; work that is to stop ends it sooner.
            with lease.waiting(self._fetcher.longest_s + GRACE_S):
                return self._fetcher.get(item.url or "", max_bytes=limit, on_progress=lease.check).data
        try:
            with self._storage.open_read(item.upload) as file:
                data = file.read(limit + 1)
        except FileNotFoundError:
            raise errors.UploadMissing("The uploaded picture is no longer in storage. Upload it again.") from None
        if len(data) > limit:
            raise errors.TooLarge(f"The picture has more than {limit:,} bytes. Send a smaller one.")
        return data

    def _model(self, request: Request, lease: Lease) -> LoadedModel:
        with lease.waiting(MODEL_LOAD_S):
            return self._models.get(request.model, request.version)


@contextmanager
def _timed(timings: Timings, name: str, histogram: Histogram) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - started
        timings[name] = seconds * 1000
        histogram.observe(seconds)
