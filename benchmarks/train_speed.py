"""Seconds an epoch of `cats-dogs-64`: Loupe's input pipeline against Keras's two.

    LOUPE_BENCH_DATA=…/data python -m benchmarks.train_speed [--rounds 3]

`cats-dogs/training_set` there has one subfolder a class. Three ways to train the recipe's network on it take turns, an
epoch each, so that whatever else the machine does meets all of them:

loupe:      the recipe as it is: pictures from the cache, augmented, batches made ahead by a thread
generator:  Keras's legacy `ImageDataGenerator.flow_from_directory` with the same augmentation (needs SciPy and
            Pillow, which `make bench-train` brings)
cached:     `model.fit` on the cached arrays without augmentation, the least a training can take

All have the environment of a training's process (`trainer/children/child.py`), with oneDNN. At most 0.4 of the
generator and 1.4 of the cached arrays are asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainer.children.child import CHILD_ENV

# For all three what a training has; TensorFlow reads it when it is imported.
os.environ.update(CHILD_ENV | {"TF_CPP_MIN_LOG_LEVEL": "3"})

import numpy as np

from shared.imaging import scale
from shared.recipes import recipe
from shared.storage import Storage
from trainer.augmentations.augmentation import Augment
from trainer.child.batches import Batches
from trainer.child.build import build, prepare_tensorflow
from trainer.child.learner import KerasLearner
from trainer.child.order import Order
from trainer.child.phases import phases_of
from trainer.child.pictures import load_pictures
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.datasets.version import open_version
from trainer.evaluation.pictures import LabelledPictures
from trainer.importing.spec import ImportSpec
from trainer.importing.work import import_dataset

RECIPE = recipe("cats-dogs-64")
SETTINGS = RECIPE.settings({})
SIDE, BATCH, SEED = RECIPE.input.width, int(SETTINGS["batch_size"]), 0
MOST_OF_GENERATOR, MOST_OF_CACHED = 0.4, 1.4

# Trains one epoch.
Epoch = Callable[[int], None]


def main() -> int:
    """Prints the seconds of each way and their ratios. Returns 1 if one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a subfolder a class; else that of LOUPE_BENCH_DATA")
    parser.add_argument("--rounds", type=int, default=3, help="epochs of each way that count, after one that does not")
    options = parser.parse_args()
    data = os.environ.get("LOUPE_BENCH_DATA")
    if not options.folder and not data:
        parser.error("name a folder with a subfolder per class, or set LOUPE_BENCH_DATA")
    folder = (options.folder or Path(data or "", "cats-dogs", "training_set")).resolve()
    with tempfile.TemporaryDirectory(prefix="loupe-bench-") as scratch:
        pictures = imported(folder, Path(scratch))
        prepare_tensorflow(SEED)
        ways = {"loupe": loupe(pictures), "generator": generator(folder), "cached": cached(pictures)}
        seconds = measured(ways, options.rounds)
    return report(len(pictures.sides.train), seconds)


def imported(folder: Path, scratch: Path) -> LabelledPictures:
    """Returns the folder as a dataset version. As good as all of it is on the training side, as for the others."""
    storage = Storage(str(scratch / "storage"))
    spec = ImportSpec(
        job_id="benchmark",
        name="benchmark",
        source={"type": "directory", "path": folder.name},
        test_fraction=0.001,
        storage_url=storage.url,
        import_dir=str(folder.parent),
        scratch_dir=str(scratch),
    )
    with Path(os.devnull).open("wb") as nowhere:
        import_dataset(spec, Events(nowhere), StopFlag())
    return load_pictures(open_version(storage, "benchmark"), RECIPE.input, 0.01, scratch / "cache")


def loupe(pictures: LabelledPictures) -> Epoch:
    """Returns our own epoch: what `trainer.child.fit` does between two validations."""
    settings, sides = SETTINGS, pictures.sides
    learner = KerasLearner(build(RECIPE, settings, 2, learning=True), settings, pictures, RECIPE.input, lambda: None)
    learner.begin(phases_of(settings)[0])
    order = Order(pictures.targets, sides.train, balance="none", size=BATCH, steps=0, seed=SEED)
    augment = Augment(RECIPE.augmentations, settings, SEED)
    batches = Batches(pictures, np.ones(2, np.float32), order, augment, RECIPE.input)

    def epoch(number: int) -> None:
        learner.reset()
        for batch in batches.epoch(number):
            learner.learn(batch, float(settings["learning_rate"]))
        learner.means()

    return epoch


def generator(folder: Path) -> Epoch:
    """Returns the epoch of the published project."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    source = ImageDataGenerator(
        rescale=1 / 255,
        # It takes the angle in degrees; the recipe's is in radians.
        shear_range=float(np.rad2deg(SETTINGS["shear"])),
        zoom_range=SETTINGS["zoom"],
        horizontal_flip=SETTINGS["flip"],
    )
    flow = source.flow_from_directory(str(folder), (SIDE, SIDE), batch_size=BATCH, class_mode="binary", seed=SEED)
    model = compiled()
    return lambda _: model.fit(flow, epochs=1, verbose=0)


def cached(pictures: LabelledPictures) -> Epoch:
    """Returns an epoch on arrays in memory, without augmentation."""
    inputs = scale(pictures.inputs_at(pictures.sides.train), RECIPE.input)
    targets = pictures.targets[pictures.sides.train].astype(np.float32)
    model = compiled()
    return lambda _: model.fit(inputs, targets, batch_size=BATCH, epochs=1, verbose=0)


def compiled() -> Any:
    """Returns the recipe's network as Keras trains it."""
    model = build(RECIPE, SETTINGS, 2)
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def measured(ways: dict[str, Epoch], rounds: int) -> dict[str, list[float]]:
    """Returns the seconds of each way's epochs; the first of each, which compiles, does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, epoch in ways.items():
            started = time.perf_counter()
            epoch(number)
            if number:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def report(pictures: int, seconds: dict[str, list[float]]) -> int:
    """Prints what was measured, in words and as one line of JSON."""
    middle = {name: statistics.median(found) for name, found in seconds.items()}
    ratios = {
        "of_generator": round(middle["loupe"] / middle["generator"], 3),
        "of_cached": round(middle["loupe"] / middle["cached"], 3),
    }
    good = ratios["of_generator"] <= MOST_OF_GENERATOR and ratios["of_cached"] <= MOST_OF_CACHED
    print(f"cats-dogs-64, {pictures} pictures of {SIDE} x {SIDE}, batches of {BATCH}, {os.cpu_count()} cores")
    for name, found in seconds.items():
        print(f"  {name:<10} {middle[name]:6.2f} s an epoch ({min(found):.2f} to {max(found):.2f} in {len(found)})")
    print(f"  {ratios['of_generator']:.2f} of the generator (asked for: at most {MOST_OF_GENERATOR})")
    print(f"  {ratios['of_cached']:.2f} of cached arrays without augmentation (asked for: at most {MOST_OF_CACHED})")
    facts = {"benchmark": "train_speed", "at": datetime.now(UTC).isoformat(timespec="seconds"), "good": good}
    machine = {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    print(json.dumps({**facts, **machine, "pictures": pictures, "seconds": middle, **ratios}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
