"""The manifest: what a version of a model is, how it was made, how good it is, and the hash of every file of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.preprocess_spec import PreprocessSpec
from shared.registry.gate import GateVerdict
from shared.registry.label_changes import LabelChanges
from shared.registry.onnx_export import OnnxExport
from shared.registry.record import Record, Share
from shared.registry.scores import CalibrationBin, ClassMetrics, Metrics, Mistake
from shared.schemas.base import Name

# A file's own name, not a path: it becomes part of one.
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]


class Dataset(Record):
    """The version of a dataset that was trained on, or for a model trained elsewhere, evaluated on."""

    name: str
    version: str


class Origin(Record):
    """The file that a model trained elsewhere came in as: its path below the import folder, and its hash."""

    path: str
    sha256: str


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
        balance: the check of the classes' balance, and what was done about it (`trainer.child.balance`).
        recipe, seed: None for a model that was trained elsewhere, which `origin` says more of.
        label_changes: since the version before was trained; None where there is none of the same dataset.
        labels: class names in the order of the model's outputs.
        input: how a picture becomes the model's input.
        fit: how training and validation accuracy relate; None when that was not looked at.
        fit_rule: the rule behind it, in words.
        confusion: test pictures by true class (row) and answer (column).
        calibration_error: expected calibration error on the test side (Guo et al. 2017), from `calibration`.
        worst_mistakes: the wrong answers on the test side that the model was surest of, surest first.
        gate: what the gate said; None where it was not asked.
        onnx: what became of the ONNX export; None in a version of a release that made none.
        files: name → hash and size of every file but the manifest.
    """

    format: Literal[1] = 1
    name: Name
    version: int = Field(ge=1)
    created_at: AwareDatetime
    job_id: str
    recipe: str | None
    origin: Origin | None = None
    params: dict[str, Any]
    balance: dict[str, Any] | None = None
    seed: int | None
    dataset: Dataset
    label_changes: LabelChanges | None = None
    labels: list[str]
    activation: Literal["softmax", "sigmoid"]
    input: PreprocessSpec
    metrics: Metrics
    fit: Literal["good", "overfit", "underfit"] | None = None
    fit_rule: str | None = None
    per_class: list[ClassMetrics]
    confusion: list[list[int]]
    calibration_error: Share | None = None
    calibration: list[CalibrationBin] = Field(default=[])
    worst_mistakes: list[Mistake] = Field(default=[])
    gate: GateVerdict | None = None
    onnx: OnnxExport | None = None
    libraries: dict[str, str]
    files: dict[FileName, FileRecord] = Field(default={})
    samples: list[Sample] = Field(default=[])
