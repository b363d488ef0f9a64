"""Accepts models trained elsewhere: the one way from a valid request to a queued job."""

from __future__ import annotations

from api.idempotency import fingerprint, replay
from api.queueing import create_job
from api.services import Services
from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.paths import inside
from shared.errors import FieldError, InvalidRequest, PathNotAllowed
from shared.ids import new_id
from shared.jobs.model import Idempotency, Json, Kind, NewJob, NewUnit, Queue
from shared.jobs.store import Created
from shared.registry.layout import model_path
from shared.schemas.model import ModelImportRequest


def submit_model(services: Services, name: str, asked: ModelImportRequest, key: str | None = None) -> Created:
    """Accepts a model.

    Args:
        name: the model that gets a new version; it need not exist yet.
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        ModelNotFound: no model can have that name.
        PathNotAllowed: the path is absolute or leads out of the import folder.
        DatasetNotFound, DatasetVersionNotFound: there is no such dataset.
        InvalidRequest: the dataset has other classes than the model.
        QueueFull, IdempotencyMismatch: as for every job.
    """
    model_path(name)
    idempotency = Idempotency(key, fingerprint(asked.model_dump(mode="json"))) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    _check_path(services, asked.path)
    dataset = DatasetStore(services.storage).manifest(asked.dataset)
    _check_classes(asked.labels, dataset)
    units = [NewUnit({})]
    spec = _spec(name, asked, dataset)
    new = NewJob(new_id(), Kind.IMPORT, Queue.TRAIN, units, spec, total=0, idempotency=idempotency)
    return create_job(services, new)


def _spec(name: str, asked: ModelImportRequest, dataset: DatasetManifest) -> Json:
    """Returns what the job keeps of its request: every default filled in, the dataset pinned to a version."""
    pinned = {"name": dataset.name, "version": dataset.version}
    return {**asked.model_dump(mode="json"), "model": {"name": name}, "dataset": pinned}


def _check_path(services: Services, path: str) -> None:
    try:
        inside(services.settings.import_dir, path)
    except PathNotAllowed as error:
        raise PathNotAllowed(error.message, (FieldError("path", error.message),)) from None


def _check_classes(labels: list[str], dataset: DatasetManifest) -> None:
    missing = [name for name in dataset.classes if name not in labels]
    strange = [name for name in labels if name not in dataset.classes]
    if missing or strange:
        found = [("missing", missing), ("not a class of it", strange)]
        told = "; ".join(f"{word}: {', '.join(names[:10])}" for word, names in found if names)
        message = f"Expected the classes of {dataset.name}@{dataset.version} in the model's order; {told}."
        raise InvalidRequest("The labels are not the dataset's classes.", (FieldError("labels", message),))
