"""What has a name at the server: models, datasets, recipes, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from loupe.types.base import Answer, Json


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
class Shadow(Answer):
    """A version that answers copies of live pictures, unseen, and how far it agrees with the served one.

    Attributes:
        fraction: of live pictures that it gets a copy of.
        agreement: share of the compared pictures that got the same label from both; None before the first.
        dropped: copies that were not scored, because it could not keep up.
        failed: copies that it could not answer.
    """

    version: int
    fraction: float
    since: str
    served_version: int
    compared: int
    agreement: float | None
    dropped: int
    failed: int


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
