"""Publishing: what a training made becomes a version of a model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.registry import Dataset, Manifest, Registry, Sample
from shared.storage import Storage
from trainer.child.evaluation import Evaluation
from trainer.child.files import history_file, model_file, sample_files, self_test_file
from trainer.child.fit import History
from trainer.child.libraries import library_versions
from trainer.datasets.pictures import Pictures
from trainer.recipes.recipe import Recipe, Value
from trainer.training.spec import TrainingSpec


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about."""

    recipe: Recipe
    settings: dict[str, Value]
    pictures: Pictures
    model: Any
    history: History
    evaluation: Evaluation


def publish(spec: TrainingSpec, trained: Trained) -> Manifest:
    """Writes the version's files and, last, its manifest.

    Raises:
        VersionExists: the version is there already.
        StorageUnavailable: the storage does not answer, or is full.
    """
    pictures, answers = trained.pictures, trained.evaluation.test_answers
    samples, sample_pictures = sample_files(pictures, answers)
    files = {
        "model.keras": model_file(trained.model),
        "selftest.npz": self_test_file(pictures.inputs[pictures.split.test], answers),
        "history.json": history_file(trained.history),
        **sample_pictures,
    }
    return Registry(Storage(spec.storage_url)).publish(_manifest(spec, trained, samples), files)


def _manifest(spec: TrainingSpec, trained: Trained, samples: list[Sample]) -> Manifest:
    recipe, pictures, evaluation = trained.recipe, trained.pictures, trained.evaluation
    return Manifest(
        name=spec.model,
        version=spec.version,
        created_at=datetime.now(UTC),
        job_id=spec.job_id,
        recipe=recipe.name,
        params=trained.settings,
        seed=spec.seed,
        dataset=Dataset(name=pictures.name, version=pictures.version),
        labels=list(pictures.labels),
        activation=recipe.activation,
        input=recipe.input,
        metrics=evaluation.metrics,
        fit=evaluation.fit,
        per_class=evaluation.per_class,
        confusion=evaluation.confusion,
        libraries=library_versions(),
        samples=samples,
    )
