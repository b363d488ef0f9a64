"""Publishing: a model, what it is and how good it is become a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np

from shared.preprocess_spec import PreprocessSpec
from shared.registry import Dataset, GateVerdict, LabelChanges, Manifest, Origin, Registry
from shared.registry.versions import file_records
from trainer.evaluation.answers import answers_file
from trainer.evaluation.evaluate import Evaluation
from trainer.evaluation.pictures import LabelledPictures
from trainer.plots import plot_files
from trainer.publishing.bundle import bundle_file
from trainer.publishing.card import card_file
from trainer.publishing.files import SELF_TEST_PICTURES, history_file, labels_file, model_file, self_test_file
from trainer.publishing.libraries import library_versions
from trainer.publishing.onnx_export import Exported
from trainer.publishing.samples import sample_files


@dataclass(frozen=True)
class NewVersion:
    """What a version is, apart from how good it is; the names are the manifest's.

    Attributes:
        history: one entry an epoch; empty for a model trained elsewhere.
    """

    name: str
    version: int
    job_id: str
    recipe: str | None
    params: Mapping[str, Any]
    seed: int | None
    dataset: Dataset
    activation: Literal["softmax", "sigmoid"]
    input: PreprocessSpec
    history: Sequence[Mapping[str, Any]] = field(default=())
    origin: Origin | None = None
    balance: Mapping[str, Any] | None = None
    label_changes: LabelChanges | None = None


def publish(
    registry: Registry,
    new: NewVersion,
    model: Any,
    pictures: LabelledPictures,
    evaluation: Evaluation,
    verdict: GateVerdict,
    exported: Exported,
) -> Manifest:
    """Writes the version's files and, last, its manifest.

    Args:
        model: a Keras model.

    Raises:
        VersionExists: the version is there already.
        StorageUnavailable: the storage does not answer, or is full.
    """
    samples, files = sample_files(pictures, evaluation)
    tested = slice(0, SELF_TEST_PICTURES)
    inputs = np.asarray(pictures.inputs_at(evaluation.places[tested]))
    files |= {
        "model.keras": model_file(model),
        "selftest.npz": self_test_file(inputs, evaluation.answers[tested]),
        "labels.json": labels_file(pictures.labels),
        "answers.csv": answers_file(evaluation.answers, evaluation.targets, evaluation.places),
        **plot_files(new.history, pictures, evaluation),
        **exported.files,
    }
    if new.history:
        files["history.json"] = history_file(new.history)
    manifest = Manifest(
        **{**vars(new), "params": dict(new.params)},
        created_at=datetime.now(UTC),
        labels=list(pictures.labels),
        **evaluation.fields(),
        gate=verdict,
        onnx=exported.record,
        libraries=library_versions(),
        samples=samples,
    )
    files["model-card.md"] = card_file(manifest)
    known = manifest.model_copy(update={"files": file_records(files)})
    return registry.publish(manifest, {**files, "bundle.zip": bundle_file(known, files)})
