"""Publishes the model of the benchmark: `python -m benchmarks.support.publish SCRATCH STORAGE`.

In a process of its own, because it imports TensorFlow. Everything is what Loupe does when somebody brings a model
trained elsewhere: a small dataset is imported, the model is checked and evaluated on it, and becomes a version.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from benchmarks.support.model import LABELS, MODEL, SIDE
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Dataset, Registry
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.importing.spec import ImportSpec
from trainer.importing.work import import_dataset
from trainer.model_import.spec import ModelImportSpec
from trainer.model_import.take import take

JOB = "benchmark"


def main(scratch: Path, storage: Storage) -> None:
    """Makes the model, imports it and has it served."""
    with Path(os.devnull).open("wb") as nowhere:
        events, stop = Events(nowhere), StopFlag()
        dataset = ImportSpec(
            job_id=JOB,
            name="shapes",
            source={"type": "generated", "name": "shapes", "count": 200},
            storage_url=storage.url,
            import_dir=str(scratch),
            scratch_dir=str(scratch),
        )
        found = import_dataset(dataset, events, stop)
        write_model(scratch / "model.keras")
        spec = ModelImportSpec(
            job_id=JOB,
            model=MODEL,
            version=1,
            path="model.keras",
            labels=list(LABELS),
            input=PreprocessSpec(width=SIDE, height=SIDE, color="rgb"),
            dataset=Dataset(name="shapes", version=found["dataset"]["version"]),
            storage_url=storage.url,
            import_dir=str(scratch),
        )
        take(spec, events, stop)
    Registry(storage).promote(MODEL, 1)


def write_model(path: Path) -> None:
    """Saves the network with seeded weights. What it answers does not matter here; how long it takes does."""
    import keras

    from trainer.architectures.conv_dense import conv_dense

    keras.utils.set_random_seed(0)
    # Two blocks of Conv2D(32) and pooling, then Dense(128): the architecture's defaults.
    conv_dense((SIDE, SIDE, 3), len(LABELS)).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Storage(sys.argv[2]))
