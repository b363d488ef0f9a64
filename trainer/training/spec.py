"""What one training is asked for, and what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.recipes import Balance
from shared.registry import Manifest, Policy
from shared.schemas.base import Name
from shared.schemas.gate import Gate


class DatasetVersionRef(BaseModel):
    """A dataset version by name and version."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    version: str


class TrainingSpec(BaseModel):
    """One training. Goes to the child process as JSON.

    Attributes:
        model: the name of the model that gets a version.
        version: its number, reserved by the caller.
        params: what differs from the recipe's defaults.
        seed: of weights, order and augmentation.
        promote, gate: by which rules the version is judged.
        storage_url: where datasets are, checkpoints go and the version is published.
        cache_dir: where this machine keeps decoded pictures.
        import_dir: what paths among the parameters are below.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    model: Name
    version: int = Field(ge=1)
    recipe: str
    dataset: DatasetVersionRef
    params: dict[str, Any] = Field(default={})
    balance: Balance = "none"
    seed: int = Field(default=0, ge=0, lt=2**32)
    promote: Policy = "if_better"
    gate: Gate = Gate()
    storage_url: str
    cache_dir: Path
    import_dir: Path


class ModelVersion(BaseModel):
    """A version by name and number."""

    name: str
    version: int


class Score(BaseModel):
    """Accuracy and loss on one side of the split."""

    accuracy: float
    loss: float


class Scores(BaseModel):
    """The three sides."""

    train: Score
    validation: Score
    test: Score


class TrainingResult(BaseModel):
    """What a training came to; a training job's `result` but for the promotion."""

    model: ModelVersion
    metrics: Scores
    fit: Literal["good", "overfit", "underfit"] | None
    balance: dict[str, Any] | None

    @classmethod
    def of(cls, manifest: Manifest) -> TrainingResult:
        """Returns the result of the training that published this version."""
        return cls(
            model=ModelVersion(name=manifest.name, version=manifest.version),
            metrics=Scores.model_validate(manifest.metrics.model_dump()),
            fit=manifest.fit,
            balance=manifest.balance,
        )
