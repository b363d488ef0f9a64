"""What the server answers, typed. Fields that a newer server adds are in `raw`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

Json = Mapping[str, Any]

FINAL = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True)
class Answer:
    """The root: `raw` is the whole answer, as it came; fields have the names that they have there."""

    raw: Json = field(repr=False, compare=False)

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads an answer of the server."""
        return cls._of(found)

    @classmethod
    def _of(cls, found: Json, **converted: Any) -> Self:
        """Takes every field that is not in `converted` as it came; what is a list becomes a tuple."""
        plain = {one.name: found[one.name] for one in fields(cls) if one.name not in {"raw", *converted}}
        frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
        return cls(raw=found, **frozen, **converted)


@dataclass(frozen=True)
class Reason:
    """Why a job or a picture failed: a stable code, and words."""

    code: str
    message: str

    @classmethod
    def read(cls, found: Json | None) -> Self | None:
        """Reads one, if there is one."""
        return cls(found["code"], found["message"]) if found else None


@dataclass(frozen=True)
class ModelVersion:
    """A version of a model; `version` is None where the model alone is known."""

    name: str
    version: int | None

    @classmethod
    def read(cls, found: Json | None) -> Self | None:
        """Reads one, if there is one."""
        return cls(found["name"], found["version"]) if found else None

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}@{self.version}"


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


@dataclass(frozen=True)
class Model(Answer):
    """A model: which version answers, and which there are."""

    name: str
    served_version: int | None
    previous_version: int | None
    labels: tuple[str, ...]
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Version(Answer):
    """A version of a model; `state` is served, previous, ready or failed_to_load."""

    name: str
    version: int
    state: str
    labels: tuple[str, ...]
    metrics: Json


@dataclass(frozen=True)
class Dataset(Answer):
    """A dataset: its newest version, and how many pictures are on which side of it."""

    name: str
    version: str
    classes: tuple[str, ...]
    train: int
    test: int


@dataclass(frozen=True)
class Recipe(Answer):
    """A way to train: `params` says what can be set, by name."""

    name: str
    help: str
    params: Mapping[str, Json]


@dataclass(frozen=True)
class Schedule(Answer):
    """A training that is repeated. Times are RFC 3339 in UTC."""

    name: str
    cron: str
    timezone: str
    paused: bool
    next_run_at: str | None
    last_run_at: str | None
    last_job: str | None


@dataclass(frozen=True)
class Part:
    """One part of Loupe, whether it works, and if not, why."""

    ok: bool
    detail: str


@dataclass(frozen=True)
class Readiness(Answer):
    """Whether a picture sent now would be classified, and what each part says."""

    ready: bool
    parts: Mapping[str, Part]

    @classmethod
    def read(cls, found: Json) -> Self:
        """Reads what `/readyz` says."""
        parts = {name: Part(part["ok"], part.get("detail") or "") for name, part in found["parts"].items()}
        return cls._of(found, parts=parts)
