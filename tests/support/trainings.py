"""Trainings on toy datasets: in this process, or as their parent sees them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from shared.ids import new_id
from shared.registry import Manifest
from shared.storage import Storage
from tests.support.toy_versions import toy_version
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.training import TrainingSpec


def toy_spec(folder: Path, **changes: Any) -> TrainingSpec:
    """Returns a short training on two classes of drawn pictures, whose dataset is written to a folder's storage."""
    storage = Storage(str(folder / "storage"))
    dataset = toy_version(storage, counts=changes.pop("counts", None))
    fields = {
        "job_id": new_id(),
        "model": "toy",
        "version": 1,
        "recipe": "shapes",
        "dataset": {"name": dataset.name, "version": dataset.version},
        "params": {"epochs": 2, "batch_size": 8},
        "seed": 3,
        "storage_url": storage.url,
        "cache_dir": folder / "cache",
        "import_dir": folder / "import",
    }
    return TrainingSpec.model_validate({**fields, **changes})


def train_here(spec: TrainingSpec, stop: StopFlag | None = None) -> tuple[Manifest, list[dict[str, Any]]]:
    """Trains in this process, which then has TensorFlow. Returns the version and what the child would have said."""
    from trainer.child.train import train

    stream = io.BytesIO()
    manifest = train(spec, Events(stream), stop or StopFlag())
    return manifest, [json.loads(line) for line in stream.getvalue().splitlines()]
