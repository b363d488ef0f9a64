"""Corrects single pictures of a dataset, and makes the version that has the corrections."""

from __future__ import annotations

from datetime import UTC, datetime

from api.dataset_items import items_of
from api.idempotency import fingerprint, replay
from api.imports import import_job
from api.queueing import create_job
from api.services import Services
from shared.datasets import DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.errors import FieldError, InvalidRequest, NoImage, VersionCorrupt
from shared.ids import new_id
from shared.jobs.model import Idempotency
from shared.jobs.store import Created

MOST_CLASSES_SHOWN = 20


def correct(services: Services, name: str, version: str, index: int, label: str | None) -> Correction | None:
    """Keeps what somebody said of a picture: its class, or None to leave it out.

    Returns:
        The correction; None where the picture is of that class anyway, and so needs none any more.

    Raises:
        DatasetNotFound, DatasetVersionNotFound, NoImage: there is no such picture.
        InvalidRequest: the dataset has no such class.
        VersionCorrupt: the version's files are damaged.
    """
    store = DatasetStore(services.storage)
    manifest = store.manifest(name, version)
    if label is not None and label not in manifest.classes:
        known = ", ".join(manifest.classes[:MOST_CLASSES_SHOWN])
        message = f"Expected a class of {name}, such as {known}; received {label[:80]!r}."
        raise InvalidRequest(message, (FieldError("label", message),))
    item = _item(store, name, version, index)
    kept = Corrections(services.storage, name)
    kept.put(Correction(sha256=item["sha256"], file=item["file"], was=item["label"], label=label, at=datetime.now(UTC)))
    return kept.get(item["sha256"])


def take_back(services: Services, name: str, version: str, index: int) -> None:
    """Forgets a picture's correction. Raises as `correct`."""
    item = _item(DatasetStore(services.storage), name, version, index)
    Corrections(services.storage, name).take_back(item["sha256"])


def apply_corrections(services: Services, name: str, key: str | None = None) -> Created:
    """Accepts an import that makes a version of the pictures that are there already, with the corrections of now.

    Args:
        key: from `idempotency_key()`.

    Raises:
        DatasetNotFound: there is no such dataset.
        QueueFull, IdempotencyMismatch: as for every job.
    """
    store = DatasetStore(services.storage)
    newest = store.known(name)
    # Always from what the source gave, so that a correction that was taken back is one no more.
    base = store.manifest(name, newest.version).corrected_from or newest.version
    spec = {
        "name": name,
        "source": newest.source,
        "test_fraction": newest.test_fraction,
        "seed": newest.seed,
        "corrected_from": base,
    }
    idempotency = Idempotency(key, fingerprint({"corrections": name})) if key else None
    return replay(services, idempotency) or create_job(services, import_job(new_id(), spec, idempotency))


def _item(store: DatasetStore, name: str, version: str, index: int) -> dict[str, str]:
    manifest = store.manifest(name, version)
    if not 0 <= index < manifest.pictures.total:
        raise NoImage(f"{name}@{version} has the pictures 0 to {manifest.pictures.total - 1}; received {index}.")
    item = items_of(store, name, version, [index])[index]
    if not all(isinstance(item.get(field), str) for field in ("sha256", "file", "label")):
        raise VersionCorrupt(f"{name}@{version}: nothing is known of the picture {index}.")
    return dict(item)
