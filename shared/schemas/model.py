"""Models and their versions as clients see them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from shared.schemas.base import Answer, Time

VersionState = Literal["served", "previous", "ready"]


class WorkerModel(Answer):
    """What a worker holds of a model."""

    id: str
    version: int
    state: str


class ModelView(Answer):
    """A model: which version answers, and which there are."""

    name: str
    served_version: int | None
    previous_version: int | None
    promoted_at: Time | None
    labels: list[str] = Field(description="The classes of the served version, else of the newest.")
    versions: list[int]
    workers: list[WorkerModel]


class ModelPage(Answer):
    """One page of the models, by name."""

    items: list[ModelView]
    next_cursor: str | None


class VersionView(Answer):
    """A version: its manifest, and what it is now."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int
    state: VersionState
    labels: list[str]
    metrics: dict[str, Any]
    links: dict[str, str] = Field(description="The version's files, by name.")
