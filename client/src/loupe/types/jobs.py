"""Jobs and the outcomes of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from loupe.types.base import Answer, Json, ModelVersion, Reason

FINAL = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True)
class Prediction:
    """A class and how sure the model is of it, 0 to 1."""

    label: str
    score: float


@dataclass(frozen=True)
class Item(Answer):
    """The outcome of one picture.

    Attributes:
        index: its place in the list, from 0.
        id: the caller's own, if one was given.
        status: succeeded, failed or canceled.
        predictions: best first.
        timings: milliseconds, by `fetch_ms`, `decode_ms` and `predict_ms`.
    """

    index: int
    id: str | None
    url: str | None
    filename: str | None
    status: str
    label: str | None
    score: float | None
    predictions: tuple[Prediction, ...]
    below_threshold: bool
    model: ModelVersion | None
    timings: Mapping[str, float | None]
    error: Reason | None

    @property
    def succeeded(self) -> bool:
        """Whether there is an answer."""
        return self.status == "succeeded"

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads an item."""
        return cls._of(
            found,
            predictions=tuple(Prediction(one["label"], one["score"]) for one in found["predictions"]),
            model=ModelVersion.read(found["model"]),
            error=Reason.read(found["error"]),
        )


@dataclass(frozen=True)
class Job(Answer):
    """A job as it was when the server answered.

    Attributes:
        kind: classification, training or import.
        status: queued, running, canceling, succeeded, failed or canceled.
        done: items, steps or pictures that are done with, failed ones included.
        progress: those three, and of a training its epochs.
        result: an item, the summary of a list, the version of a training, or None.
    """

    id: str
    kind: str
    single: bool
    status: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    done: int
    failed: int
    total: int
    progress: Json
    result: Json | None
    error: Reason | None

    @property
    def ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self.status in FINAL

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads a job."""
        counts = {name: found["progress"][name] for name in ("done", "failed", "total")}
        return cls._of(found, **counts, error=Reason.read(found["error"]))
