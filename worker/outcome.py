"""What is asked of a picture, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared import items
from shared.errors import ItemError
from shared.imaging import Header
from shared.items import ItemInput
from shared.jobs.model import Json
from worker.loaded import LoadedModel
from worker.metrics import ITEMS
from worker.shadow.sender import Drawn

# Milliseconds of each step that a picture came to.
Timings = dict[str, float | None]


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
class Seen:
    """A picture that was decoded.

    Attributes:
        file: its bytes.
        image: uint8 RGB (height, width, 3), about as large as the model needs it.
    """

    file: bytes
    header: Header
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Ready:
    """A picture that can be predicted.

    Attributes:
        request: what is asked of it.
        inputs: uint8 (height, width, channels), as `model` takes it.
        drawn: for the version in shadow, if it gets a copy.
        small: a small copy's bytes, if one was asked for.
        seen: what a small copy can be drawn of later, if that was asked for.
    """

    item: ItemInput
    request: Request
    model: LoadedModel
    inputs: NDArray[Any]
    timings: Timings
    drawn: Drawn | None = None
    small: bytes | None = None
    seen: Seen | None = None


@dataclass(frozen=True)
class Classified:
    """A picture's outcome, and `Ready.small` or `Ready.seen` of one that could be decoded."""

    item: Json
    small: bytes | None = None
    seen: Seen | None = None


def succeeded(ready: Ready, probabilities: NDArray[Any], timings: Timings) -> Classified:
    """Returns the outcome of a picture with the probabilities of its labels, float32 (labels,)."""
    ITEMS.labels("ok").inc()
    model = ready.model
    outcome = items.succeeded(
        ready.item,
        predictions=model.best(probabilities, ready.request.top_k),
        model={"name": model.name, "version": model.version},
        timings=ready.timings | timings,
        threshold=ready.request.threshold,
    )
    return Classified(outcome, ready.small, ready.seen)


def failed(
    item: ItemInput, request: Request, error: ItemError, timings: Timings, ready: Ready | None = None
) -> Classified:
    """Returns the outcome of a picture that something was wrong with; with `ready`, after it was decoded."""
    ITEMS.labels(error.code).inc()
    outcome = items.failed(item, error, model=request.asked, timings=timings)
    return Classified(outcome, ready.small, ready.seen) if ready else Classified(outcome)
