"""Accepts trainings: the one way from a valid request to a queued job, for the JSON API and the pages."""

from __future__ import annotations

from api.idempotency import fingerprint, replay
from api.queueing import create_job
from api.services import Services
from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.paths import inside
from shared.errors import (
    DatasetNotFound,
    DatasetVersionNotFound,
    FieldError,
    LoupeError,
    PathNotAllowed,
)
from shared.ids import new_id
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import Created
from shared.recipes import Recipe, Value, recipe
from shared.schemas.training import TrainingRequest
from shared.settings import Settings


def submit_training(services: Services, asked: TrainingRequest, key: str | None = None) -> Created:
    """Accepts a training.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        InvalidRequest: the recipe, a parameter, or the dataset's classes do not fit; `errors` names each.
        PathNotAllowed: a parameter's path leads out of the import folder.
        DatasetNotFound, DatasetVersionNotFound: there is no such dataset, or version of it.
        QueueFull, IdempotencyMismatch: as for every job.
    """
    idempotency = Idempotency(key, fingerprint(asked.model_dump(mode="json"))) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    chosen, settings = check_recipe(services.settings, asked)
    dataset = _dataset(services, asked.dataset)
    chosen.check_classes(len(dataset.classes))
    new = NewJob(
        id=new_id(),
        kind=Kind.TRAINING,
        queue=Queue.TRAIN,
        units=[NewUnit({})],
        spec=training_spec(asked, chosen, settings, dataset),
        total=0,
        idempotency=idempotency,
    )
    return create_job(services, new)


def check_recipe(settings: Settings, asked: TrainingRequest) -> tuple[Recipe, dict[str, Value]]:
    """Returns a request's recipe and the value of each of its parameters.

    Raises:
        InvalidRequest: there is no such recipe, or a parameter is wrong.
        PathNotAllowed: a parameter's path leads out of the import folder.
    """
    chosen = recipe(asked.recipe)
    values = chosen.settings(asked.params)
    for name, param in chosen.params.items():
        if param.type == "path":
            _check_path(settings, name, str(values[name]))
    return chosen, values


def training_spec(asked: TrainingRequest, chosen: Recipe, settings: dict[str, Value], dataset: DatasetManifest) -> Json:
    """Returns what a training job keeps of its request: every default filled in, the dataset pinned to a version."""
    return {
        "dataset": {"name": dataset.name, "version": dataset.version},
        "recipe": chosen.name,
        "model": {"name": asked.model},
        "params": settings,
        "balance": asked.balance or chosen.balance,
        "seed": asked.seed,
        "promote": asked.promote,
        "gate": asked.gate.model_dump(),
    }


def _dataset(services: Services, reference: str) -> DatasetManifest:
    store = DatasetStore(services.storage)
    try:
        return store.manifest(reference)
    except (DatasetNotFound, DatasetVersionNotFound) as error:
        known = ", ".join(store.names()) or "none yet"
        raise _naming(error, f"{error.message} There are: {known}.") from None


def _naming(error: LoupeError, message: str) -> LoupeError:
    return type(error)(message, (FieldError("dataset", message),))


def _check_path(settings: Settings, name: str, value: str) -> None:
    try:
        inside(settings.import_dir or settings.data_dir, value)
    except PathNotAllowed as error:
        raise PathNotAllowed(error.message, (FieldError(f"params.{name}", error.message),)) from None
