"""From a request for a training to its job: the same for who asks now and for a schedule that asks later."""

from __future__ import annotations

from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.paths import inside
from shared.errors import DatasetNotFound, DatasetVersionNotFound, FieldError, LoupeError, PathNotAllowed
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.recipes import Recipe, Value, recipe
from shared.schemas.training import TrainingRequest
from shared.settings import Settings


def training_job(
    settings: Settings,
    datasets: DatasetStore,
    asked: TrainingRequest,
    *,
    job_id: str,
    idempotency: Idempotency | None = None,
) -> NewJob:
    """Returns the job of a training, its dataset pinned to the version that is the newest now.

    Raises:
        InvalidRequest: the recipe, a parameter, or the dataset's classes do not fit; `errors` names each.
        PathNotAllowed: a parameter's path leads out of the import folder.
        DatasetNotFound, DatasetVersionNotFound: there is no such dataset, or version of it.
        VersionCorrupt: the dataset's manifest cannot be read.
    """
    chosen, values = _recipe(settings, asked)
    dataset = _dataset(datasets, asked.dataset)
    chosen.check_classes(len(dataset.classes))
    spec = _spec(asked, chosen, values, dataset)
    return NewJob(job_id, Kind.TRAINING, Queue.TRAIN, [NewUnit({})], spec, total=0, idempotency=idempotency)


def _recipe(settings: Settings, asked: TrainingRequest) -> tuple[Recipe, dict[str, Value]]:
    chosen = recipe(asked.recipe)
    values = chosen.settings(asked.params)
    for name, param in chosen.params.items():
        if param.type == "path":
            _check_path(settings, name, str(values[name]))
    return chosen, values


def _spec(asked: TrainingRequest, chosen: Recipe, values: dict[str, Value], dataset: DatasetManifest) -> Json:
    """Returns what a training job keeps of its request: every default filled in."""
    spec: Json = {
        "dataset": {"name": dataset.name, "version": dataset.version},
        "recipe": chosen.name,
        "model": {"name": asked.model},
        "params": values,
        "balance": asked.balance or chosen.balance,
        "seed": asked.seed,
        "promote": asked.promote,
        "gate": asked.gate.model_dump(),
    }
    return spec | {"webhook": asked.webhook.url} if asked.webhook else spec


def _dataset(datasets: DatasetStore, reference: str) -> DatasetManifest:
    try:
        return datasets.manifest(reference)
    except (DatasetNotFound, DatasetVersionNotFound) as error:
        known = ", ".join(datasets.names()) or "none yet"
        raise _naming(error, f"{error.message} There are: {known}.") from None


def _naming(error: LoupeError, message: str) -> LoupeError:
    return type(error)(message, (FieldError("dataset", message),))


def _check_path(settings: Settings, name: str, value: str) -> None:
    try:
        inside(settings.import_dir, value)
    except PathNotAllowed as error:
        raise PathNotAllowed(error.message, (FieldError(f"params.{name}", error.message),)) from None
