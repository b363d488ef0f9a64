"""The manifest: what a version of a model is, how it was made, how good it is, and the hash of every file of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shared.preprocess_spec import PreprocessSpec
from shared.schemas.base import Name

# A file's own name, not a path: it becomes part of one.
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """The root of what is stored. Fields unknown to this release are those of a later one, and are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SplitMetrics(Record):
    """How the model does on one side of the split: share of right answers, mean cross-entropy, pictures counted."""

    accuracy: Share
    loss: float
    count: int


class Metrics(Record):
    """The three sides. Only `test` was neither trained on nor used to choose the weights."""

    train: SplitMetrics
    validation: SplitMetrics
    test: SplitMetrics


class ClassMetrics(Record):
    """One class on the test side; `support` is how many test pictures it has."""

    label: str
    precision: Share
    recall: Share
    f1: Share
    support: int


class Dataset(Record):
    """The version of a dataset that was trained on."""

    name: str
    version: str


class Sample(Record):
    """A picture of the test side, to look at and to try the model with."""

    file: FileName
    label: str


class FileRecord(Record):
    """One file of the version."""

    sha256: str
    bytes: int


class Manifest(Record):
    """One version of a model. The version exists when this is written.

    Attributes:
        labels: class names in the order of the model's outputs.
        input: how a picture becomes the model's input.
        fit: how training and validation accuracy relate; None when that was not looked at.
        confusion: test pictures by true class (row) and answer (column).
        files: name → hash and size of every file but the manifest.
    """

    format: Literal[1] = 1
    name: Name
    version: int = Field(ge=1)
    created_at: AwareDatetime
    job_id: str
    recipe: str
    params: dict[str, Any]
    seed: int
    dataset: Dataset
    labels: list[str]
    activation: Literal["softmax", "sigmoid"]
    input: PreprocessSpec
    metrics: Metrics
    fit: Literal["good", "overfit", "underfit"] | None = None
    per_class: list[ClassMetrics]
    confusion: list[list[int]]
    libraries: dict[str, str]
    files: dict[FileName, FileRecord] = {}
    samples: list[Sample] = []
